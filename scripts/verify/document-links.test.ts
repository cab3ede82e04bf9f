import { globSync, existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import t from 'tap';

const root = resolve(import.meta.dirname, '../..');
const documents = globSync(['*.md', 'docs/**/*.md'], { cwd: root });

/** As GitHub names a heading's anchor. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

const anchorsIn = (path: string) =>
  [...readFileSync(path, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!));

t.test('every link of a document leads to a file, and to a heading where it names one', async (t) => {
  t.ok(documents.length >= 20);
  for (const document of documents) {
    const path = resolve(root, document);
    for (const [, target] of readFileSync(path, 'utf8').matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(https?|mailto):/.test(target!)) continue;
      const [file = '', anchor] = target!.split('#');
      const led = file === '' ? path : resolve(dirname(path), file);
      t.ok(existsSync(led), `${document}: ${target}`);
      if (anchor !== undefined && led.endsWith('.md') && existsSync(led))
        t.ok(anchorsIn(led).includes(anchor), `${document}: ${target}`);
    }
  }
});

t.test('every document is linked from another', async (t) => {
  const linked = new Set(
    documents.flatMap((document) =>
      [...readFileSync(resolve(root, document), 'utf8').matchAll(/\]\(([^)\s#]+)/g)].map(([, target]) =>
        resolve(root, dirname(document), target!),
      ),
    ),
  );
  for (const document of documents.filter((one) => /^docs\/[^/]+\.md$/.test(one)))
    t.ok(linked.has(resolve(root, document)), document);
});
