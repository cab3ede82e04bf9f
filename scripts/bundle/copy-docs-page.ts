import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { brotliCompress } from 'node:zlib';
import { promisify } from 'node:util';

/** What the page loads, 2.1 MB; a bundle has it in 0.4 MB. */
const compressed = ['swagger-ui-bundle.js', 'swagger-ui-standalone-preset.js', 'swagger-ui.css'];
const small = ['index.css', 'logo.svg', 'favicon-16x16.png', 'favicon-32x32.png'];

/** Copies the files of the page that shows the OpenAPI document to a folder, where services/platform/http/docs.ts finds them. */
export async function copyDocsPage(root: string, folder: string): Promise<void> {
  const platform = createRequire(join(root, 'services/platform/package.json'));
  const from = join(dirname(platform.resolve('@fastify/swagger-ui')), 'static');
  await mkdir(folder, { recursive: true });
  for (const name of small) await copyFile(join(from, name), join(folder, name));
  for (const name of compressed)
    await writeFile(
      join(folder, `${name}.br`),
      await promisify(brotliCompress)(await readFile(join(from, name))),
    );
}
