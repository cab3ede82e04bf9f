// Makes each process one folder that starts without node_modules: dist/<service>/main.mjs. npm run bundle [-- service …]
import { spawnSync } from 'node:child_process';
import { cp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';

const root = resolve(import.meta.dirname, '..');
const entries: Readonly<Record<string, string>> = {
  'public-api': 'services/public-api/main.ts',
  'confirm-api': 'services/confirm-api/main.ts',
  'confirm-worker': 'services/confirm-worker/main.ts',
  migrate: 'services/migrate/main.ts',
  'ticket-event-operator': 'operators/ticket-event/main.ts',
};

/** Files that are read at run time, beside the sources that read them. */
const read = /\.(lua|sql)$/;
/** An image is pulled at every start. */
const mostBytes = 5_000_000;

/**
 * A bundle has one address, its sources had one each: they find their SQL and Lua by it. So each is told where it would lie
 * beside main.mjs, and what it reads is copied there.
 */
const keepPlaces = (placesRead: Set<string>): Plugin => ({
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
const oneOfEach: Plugin = {
  name: 'one-of-each',
  setup(building) {
    const first = new Map<string, string>();
    // Of undici only the pool is used; the rest of it would be a tenth of the bundle.
    building.onResolve({ filter: /^undici$/ }, ({ pluginData }) =>
      pluginData === 'one-of-each' ? undefined : { path: 'undici', namespace: 'pool-alone' },
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
    building.onLoad({ filter: /.*/, namespace: 'pool-alone' }, () => ({
      contents: "export { default as Pool } from './node_modules/undici/lib/dispatcher/pool.js';",
      resolveDir: root,
    }));
  },
};

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

const chosen = process.argv.slice(2).length > 0 ? process.argv.slice(2) : Object.keys(entries);
for (const service of chosen) {
  const entry = entries[service];
  if (entry === undefined) {
    console.error(`no service ${service}; there are ${Object.keys(entries).join(', ')}`);
    process.exit(2);
  }
  const outdir = join(root, 'dist', service);
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
    outdir,
    entryNames: 'main',
    outExtension: { '.js': '.mjs' },
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    // Its page is made of files of its own; without the package the docs' addresses answer 404.
    external: ['@fastify/swagger-ui', '@fastify/swagger', 'pg-native'],
    // Packages in CommonJS ask for Node's own modules by require.
    banner: {
      js: "import { createRequire as $createRequire } from 'node:module'; const require = $createRequire(import.meta.url);",
    },
    plugins: [oneOfEach, keepPlaces(placesRead)],
    logLevel: 'warning',
  });
  for (const folder of placesRead) await copyRead(folder, outdir);
  const bytes = await sizeOf(outdir);
  // Without settings it names what is missing and ends; by then everything has been loaded, and its code is in the cache.
  spawnSync(process.execPath, [join(outdir, 'main.mjs')], { env: {}, stdio: 'ignore' });
  const withCache = await sizeOf(outdir);
  const megabytes = (count: number) => `${(count / 1e6).toFixed(1)} MB`;
  console.log(`dist/${service}: ${megabytes(bytes)} and ${megabytes(withCache - bytes)} of compiled code`);
  if (bytes > mostBytes) {
    console.error(`dist/${service} is larger than ${megabytes(mostBytes)}`);
    process.exitCode = 1;
  }
}
