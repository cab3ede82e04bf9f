import t from 'tap';
import type { Answer } from '../api/answer.ts';
import { type Connection, persistAsk } from './persist-ask.ts';
import { retryDelayMs } from './wait.ts';

const refused = (code: 'throttled' | 'sold_out'): Answer<string> => ({
  outcome: 'refused',
  status: 409,
  code,
  message: '',
  retryAfterSec: undefined,
});

// The page's waits listen for the network's return.
const listeners = new Map<string, () => void>();
Object.assign(globalThis, {
  addEventListener: (name: string, listener: () => void) => listeners.set(name, listener),
  removeEventListener: (name: string) => listeners.delete(name),
});

t.test('asks on through a lost network and a crowd, and says which it is', async (t) => {
  const answers: Answer<string>[] = [
    { outcome: 'unreachable' },
    refused('throttled'),
    { outcome: 'ok', body: 'done', etag: undefined },
  ];
  const seen: Connection[] = [];
  const asking = persistAsk(
    async () => answers.shift()!,
    new AbortController().signal,
    (connection) => {
      seen.push(connection);
      // Back at once: nobody waits out the delay.
      if (connection === 'reconnecting') setImmediate(() => listeners.get('online')?.());
    },
  );
  t.match(await asking, { outcome: 'ok', body: 'done' });
  t.same(seen, ['reconnecting', 'busy', 'ok']);
});

t.test('an answer that asking again would not change is an answer', async (t) => {
  const answer = await persistAsk(
    async () => refused('sold_out'),
    new AbortController().signal,
    () => undefined,
  );
  t.match(answer, { code: 'sold_out' });
});

t.test('leaving ends it', async (t) => {
  const leaving = new AbortController();
  const ask = async (): Promise<Answer<string>> => ({ outcome: 'unreachable' });
  const asking = persistAsk(ask, leaving.signal, () => leaving.abort());
  await t.rejects(asking, { name: 'AbortError' });
});

t.test('retries slow down to a quarter of a minute, each a little differently', async (t) => {
  t.equal(
    retryDelayMs(0, () => 0.5),
    1000,
  );
  t.equal(
    retryDelayMs(2, () => 0.5),
    4000,
  );
  t.equal(
    retryDelayMs(30, () => 0.5),
    15_000,
  );
  t.equal(
    retryDelayMs(0, () => 0),
    750,
  );
});
