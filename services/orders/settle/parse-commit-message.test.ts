import t from 'tap';
import { parseCommitMessage } from './parse-commit-message.ts';

const message = {
  type: 'COMMIT_ORDER',
  payload: { intentId: 'pi_1', eventId: 'event-0001', seatIds: ['R1C1'], userId: 'alice' },
  idem: 'commit-alice-1',
};

t.test('exactly a commit message is one', (t) => {
  t.same(parseCommitMessage(JSON.stringify(message)), { outcome: 'parsed', message });
  t.end();
});

t.test('anything else is poison and says why', (t) => {
  t.match(parseCommitMessage(undefined), { outcome: 'poison', reason: 'not_json' });
  t.match(parseCommitMessage('{'), { outcome: 'poison', reason: 'not_json' });
  const { payload } = message;
  for (const [other, reason] of [
    [null, /^not_a_commit_message: \//],
    [{ ...message, type: 'COMMIT' }, /\/type/],
    [{ ...message, extra: 1 }, /not_a_commit_message/],
    [{ ...message, idem: 'short' }, /\/idem/],
    [{ ...message, payload: { ...payload, seatIds: [] } }, /\/payload\/seatIds/],
    [{ ...message, payload: { ...payload, seatIds: ['R1C1', 'R1C1'] } }, /\/payload\/seatIds/],
    [{ ...message, payload: { ...payload, userId: 'a b' } }, /\/payload\/userId/],
    [{ ...message, payload: { ...payload, price: 1 } }, /\/payload/],
  ] as const) {
    t.match(parseCommitMessage(JSON.stringify(other)), { outcome: 'poison', reason });
  }
  t.end();
});

t.test('a message of version 0.1.0 is a commit, and the version before takes what is sent', (t) => {
  const text =
    '{"type":"COMMIT_ORDER","payload":{"intentId":"pi_1","eventId":"event-0001","seatIds":["R1C1"],"userId":"alice"},"idem":"commit-0001"}';
  const parsed = parseCommitMessage(text);
  if (parsed.outcome !== 'parsed') throw new Error(parsed.reason);
  t.equal(JSON.stringify(parsed.message), text);
  // 0.1.0 takes these fields and no others: one that is added is poison to it.
  t.match(parseCommitMessage(text.replace('"idem"', '"extra":1,"idem"')), { outcome: 'poison' });
  t.end();
});
