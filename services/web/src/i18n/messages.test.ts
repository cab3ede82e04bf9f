import { glob, readFile } from 'node:fs/promises';
import { errorStatus } from '@onsale/contracts/error-codes';
import t from 'tap';
import { en } from './en.ts';
import { createFormats } from './formats.ts';
import { ko } from './ko.ts';

t.test('every error code of the services has words, and what to do next, in both languages', async (t) => {
  for (const table of [en, ko]) {
    for (const code of Object.keys(errorStatus)) {
      const words = (table.notices as Record<string, [string, string]>)[code];
      t.ok(
        words?.every((part) => part.length > 2),
        code,
      );
    }
  }
});

t.test('Korean is Korean, and says as much as English', async (t) => {
  // The name of the house, and of the other language.
  const same = ['siteName', 'switchLanguage'];
  const words = (table: Record<string, unknown>, key: string): string => {
    const entry = table[key];
    return typeof entry === 'function' ? String(entry('1', '2', '3', '4')) : JSON.stringify(entry);
  };
  for (const key of Object.keys(en).filter((key) => !same.includes(key))) {
    t.match(words(ko, key), /[가-힣]/, key);
    t.notMatch(words(en, key), /[가-힣]/, key);
  }
  t.same(Object.keys(ko.notices), Object.keys(en.notices));
});

t.test('no word is left that no screen says', async (t) => {
  let source = '';
  const cwd = new URL('..', import.meta.url).pathname;
  for await (const path of glob('**/*.{ts,tsx}', { cwd })) {
    if (!path.startsWith('i18n/en') && !path.startsWith('i18n/ko'))
      source += await readFile(cwd + path, 'utf8');
  }
  const unused = Object.keys(en).filter((key) => !new RegExp(`text\\.${key}\\b`).test(source));
  t.same(unused, []);
});

t.test('money, dates and durations as each language writes them', async (t) => {
  const [english, korean] = [createFormats('en', en), createFormats('ko', ko)];
  t.equal(english.money(165_000, 'KRW'), '₩165,000');
  t.equal(english.money(1999, 'USD'), '$19.99');
  t.match(korean.dateTime('2027-12-31T19:00:00'), '2027년 12월 31일');
  t.match(english.dateTime('2027-12-31T19:00:00'), 'December 31, 2027', 'as it stands, in no other zone');
  t.equal(english.duration(3725), '1 hour 2 minutes');
  t.equal(korean.duration(65), '1분 5초');
  t.equal(english.duration(0), '0 seconds');
  t.equal(english.lapTime(3449), '3.4 sec');
  t.equal(korean.lapTime(44), '0.04초');
  t.equal(english.lapTime(0), '0.01 sec', 'nothing takes no time');
  t.equal(english.clockTime(65.2), '01:06');
  t.equal(english.clockTime(3600), '1:00:00');
});
