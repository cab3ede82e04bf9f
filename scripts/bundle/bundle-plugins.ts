import { readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * A bundle has one address, its sources had one each: they find their SQL and Lua by it. So each is told where it would lie
 * beside main.mjs, and the folders that may hold such files are reported.
 */
export const keepPlaces = (root: string, placesRead: Set<string>): Plugin => ({
  name: 'keep-places',
  setup(building) {
    building.onLoad({ filter: /\/(services|operators)\/.*\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const place = relative(join(root, 'services'), path);
      if (source.includes('import.meta.url')) placesRead.add(dirname(path));
      const own = `new URL(${JSON.stringify(place)}, import.meta.url).href`;
      return { contents: source.replaceAll('import.meta.url', own), loader: 'ts' };
    });
  },
});

/** npm lays one version of a package in several folders; a bundle needs it once. */
export const oneOfEach = (root: string): Plugin => ({
  name: 'one-of-each',
  setup(building) {
    const first = new Map<string, string>();
    // Of undici only these two are used; the rest of it would be a tenth of the bundle.
    building.onResolve({ filter: /^undici$/ }, ({ pluginData }) =>
      pluginData === 'one-of-each' ? undefined : { path: 'undici', namespace: 'dispatchers-alone' },
    );
    building.onResolve({ filter: /^[a-z@]/ }, async (asked) => {
      if (asked.pluginData === 'one-of-each') return undefined;
      const { path, importer, resolveDir, kind } = asked;
      const found = await building.resolve(path, { importer, resolveDir, kind, pluginData: 'one-of-each' });
      const parts = /^(.*\/node_modules\/((?:@[^/]+\/)?[^/]+))(\/.*)$/.exec(found.path);
      if (found.errors.length > 0 || found.external || !parts) return found;
      const { version } = JSON.parse(await readFile(join(parts[1]!, 'package.json'), 'utf8')) as {
        version: string;
      };
      const key = `${parts[2]}@${version}${parts[3]}`;
      if (!first.has(key)) first.set(key, found.path);
      return { ...found, path: first.get(key)! };
    });
    // A dispatcher has no `request` of its own: the package's index gives it to all of them.
    building.onLoad({ filter: /.*/, namespace: 'dispatchers-alone' }, () => ({
      contents: `
        import Dispatcher from './node_modules/undici/lib/dispatcher/dispatcher.js';
        import request from './node_modules/undici/lib/api/api-request.js';
        Object.assign(Dispatcher.prototype, { request });
        export { default as Agent } from './node_modules/undici/lib/dispatcher/agent.js';
        export { default as Pool } from './node_modules/undici/lib/dispatcher/pool.js';`,
      resolveDir: root,
    }));
  },
});
