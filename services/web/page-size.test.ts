import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { build } from 'vite';

t.setTimeout(120_000);

const mostKilobytes = 150;

t.test(`the first load stays below ${mostKilobytes} kB`, async (t) => {
  const outDir = await mkdtemp(join(tmpdir(), 'onsale-page-size-'));
  t.teardown(() => rm(outDir, { recursive: true, force: true }));
  await build({
    configFile: join(import.meta.dirname, 'vite.config.ts'),
    logLevel: 'warn',
    build: { outDir },
  });
  const files = (await readdir(outDir, { recursive: true })).filter((file) =>
    /\.(html|js|css|svg)$/.test(file),
  );
  t.ok(files.some((file) => file.endsWith('.js')));
  let bytes = 0;
  for (const file of files) bytes += gzipSync(await readFile(join(outDir, file))).length;
  t.ok(bytes < mostKilobytes * 1000, `${bytes} bytes, compressed`);
});
