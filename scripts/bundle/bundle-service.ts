import { spawnSync } from 'node:child_process';
import { cp, readdir, rm, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { build } from 'esbuild';
import { keepPlaces, oneOfEach } from './bundle-plugins.ts';
import { copyDocsPage } from './copy-docs-page.ts';

const root = resolve(import.meta.dirname, '../..');

/** What is bundled: one entry an image or Job. */
export const entries: Readonly<Record<string, string>> = {
  'public-api': 'services/public-api/main.ts',
  'confirm-api': 'services/confirm-api/main.ts',
  'confirm-worker': 'services/confirm-worker/main.ts',
  bots: 'services/bots/main.ts',
  migrate: 'services/migrate/main.ts',
  'ticket-event-operator': 'operators/ticket-event/main.ts',
};

/** Files that are read at run time, beside the sources that read them. */
const read = /\.(lua|sql)$/;

/** How large a bundle is, and how much compiled code of it lies beside. */
export interface Bundled {
  readonly bytes: number;
  readonly compiledBytes: number;
}

async function copyRead(folder: string, outdir: string): Promise<void> {
  for (const name of await readdir(folder, { recursive: true })) {
    if (!read.test(name) || name.startsWith('node_modules')) continue;
    await cp(join(folder, name), join(outdir, relative(join(root, 'services'), folder), name));
  }
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async (file) => (await stat(join(file.parentPath, file.name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Makes an entry one folder that starts without node_modules, by `main.mjs`. */
export async function bundleService(entry: string, outdir: string): Promise<Bundled> {
  await rm(outdir, { recursive: true, force: true });
  const placesRead = new Set<string>();
  await build({
    stdin: {
      // The cache first: what is loaded after it is compiled once, when the bundle is made.
      contents: `
        import { enableCompileCache } from 'node:module';
        import { fileURLToPath } from 'node:url';
        enableCompileCache({ directory: fileURLToPath(new URL('cache', import.meta.url)), portable: true });
        await import('@onsale/platform/tracing');
        await import(${JSON.stringify(`./${entry}`)});`,
      resolveDir: root,
      sourcefile: 'main.ts',
      loader: 'ts',
    },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    // Of a package that comes as modules too, only what is used is taken: a seventh less.
    mainFields: ['module', 'main'],
    outdir,
    entryNames: 'main',
    outExtension: { '.js': '.mjs' },
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    external: ['pg-native'],
    // Packages in CommonJS ask for Node's own modules by require.
    banner: {
      js: "import { createRequire as $createRequire } from 'node:module'; const require = $createRequire(import.meta.url);",
    },
    plugins: [oneOfEach(root), keepPlaces(root, placesRead)],
    logLevel: 'warning',
  });
  for (const folder of placesRead) await copyRead(folder, outdir);
  const http = join(root, 'services/platform/http');
  if (placesRead.has(http)) await copyDocsPage(root, join(outdir, 'platform/http/docs-page'));
  const bytes = await sizeOf(outdir);
  // With a port that is none, and nothing else, it says so and ends; by then everything has been loaded, and its code is in
  // the cache. Nothing at all is not enough: the bots' settings all have defaults, and they would begin to play.
  spawnSync(process.execPath, [join(outdir, 'main.mjs')], {
    env: { INTERNAL_PORT: 'none' },
    stdio: 'ignore',
  });
  return { bytes, compiledBytes: (await sizeOf(outdir)) - bytes };
}
