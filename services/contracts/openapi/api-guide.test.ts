// What docs/api.md tells developers of clients is in the contract.
import { readFileSync } from 'node:fs';
import t from 'tap';
import { errorStatus } from '../error-codes.ts';
import { ticketingApi } from './ticketing-api.ts';

const guide = readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8');
const { paths } = ticketingApi() as { paths: Record<string, Record<string, unknown>> };

t.test('every endpoint the guide names is there', async (t) => {
  const called = [...guide.matchAll(/'(GET|POST)', ['`](\/[^'`?]+)/g)].map(
    ([, method, path]) => [method!, path!.replaceAll('${', '{')] as const,
  );
  const named = [...guide.matchAll(/`(GET|POST) (\/[^`]+)`/g)].map(
    ([, method, path]) => [method!, path!] as const,
  );
  t.ok(called.length >= 7 && named.length >= 5);
  for (const [method, path] of [...called, ...named])
    t.ok(paths[path]?.[method.toLowerCase()], `${method} ${path}`);
});

t.test('its table says every error code, with the status it comes with', async (t) => {
  const rows = [...guide.matchAll(/^\| `(\w+)` \| (\d{3})/gm)].map(([, code, status]) => [
    code,
    Number(status),
  ]);
  t.strictSame(Object.fromEntries(rows), errorStatus);
});

t.test('its example repeats what passes by itself, and nothing else', async (t) => {
  const [, list = ''] = /const passing = \[(.*)\]/.exec(guide) ?? [];
  const passing = [...list.matchAll(/'(\w+)'/g)].map(([, code]) => code);
  const temporary = Object.entries(errorStatus).filter(([, status]) => status === 429 || status >= 500);
  t.strictSame(passing.sort(), temporary.map(([code]) => code).sort());
});
