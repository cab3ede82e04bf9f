import { glob, readFile } from 'node:fs/promises';
import t from 'tap';
import { consoleEn } from './console-en.ts';
import { consoleKo } from './console-ko.ts';

const words = (table: Record<string, unknown>, key: string): string => {
  const entry = table[key];
  return typeof entry === 'function' ? String(entry('1', '2')) : JSON.stringify(entry);
};

t.test('the console speaks Korean, and English without a Korean word', async (t) => {
  // Numbers and names alone.
  const same = ['countAndAmount', 'sinceAt'];
  for (const key of Object.keys(consoleEn).filter((key) => !same.includes(key))) {
    t.match(words(consoleKo, key), /[가-힣]/, key);
    t.notMatch(words(consoleEn, key), /[가-힣]/, key);
  }
});

t.test('no word is left that no screen says', async (t) => {
  let source = '';
  const cwd = new URL('..', import.meta.url).pathname;
  for await (const path of glob('*.{ts,tsx}', { cwd })) source += await readFile(cwd + path, 'utf8');
  t.same(
    Object.keys(consoleEn).filter((key) => !new RegExp(`words\\.${key}\\b`).test(source)),
    [],
  );
});
