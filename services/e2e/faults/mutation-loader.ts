import fs from 'node:fs';
import { registerHooks, syncBuiltinESMExports } from 'node:module';
import { fileURLToPath } from 'node:url';
import { mutations } from './mutations.ts';

// Preloaded into the services of a mutated stack, as mutation-loader.ts?name=…. Nothing of theirs knows of it.
const name = new URL(import.meta.url).searchParams.get('name');
const mutation = mutations.find((one) => one.name === name);
if (!mutation) throw new Error(`there is no mutation ${name}`);

const services = fileURLToPath(new URL('../../', import.meta.url));

/** A text that is not there any more would leave the code unharmed, and the mutation unnoticed. */
function mutate(path: string, text: string): string {
  return mutation!.changes
    .filter(({ file }) => path === services + file)
    .reduce((changed, { find, replace }) => {
      if (!changed.includes(find)) throw new Error(`mutation ${name}: ${path} has no "${find}"`);
      return changed.replace(find, () => replace);
    }, text);
}

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.startsWith('file:') || loaded.source === undefined || loaded.source === null) return loaded;
    const text = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source);
    return { ...loaded, source: mutate(fileURLToPath(url), text) };
  },
});

// Scripts of Redis and statements of PostgreSQL are read as text.
const read = fs.readFileSync;
fs.readFileSync = ((path: Parameters<typeof read>[0], ...rest: [never]) => {
  const content = read(path, ...rest) as string | Buffer;
  const file = path instanceof URL ? fileURLToPath(path) : String(path);
  return typeof content === 'string' ? mutate(file, content) : content;
}) as typeof read;
syncBuiltinESMExports();
