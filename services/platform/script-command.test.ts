import { Command } from 'ioredis';
import t from 'tap';
import { ScriptCommand, scriptHead, ScriptKeys } from './script-command.ts';

const sha = '0123456789abcdef0123456789abcdef01234567';

t.test('a script command says what ioredis’ own says, and goes to the same slot', (t) => {
  for (const [keys, args] of [
    [['{event-1.0#3}:header'], []],
    [
      ['{event-1.0#3}:header', '{event-1.0#3}:seats'],
      ['', 'buyer', 17, 0.5, -1],
    ],
    [['{grün}:k'], ['Zoë 🎟', '\r\n', 'x'.repeat(2000)]],
  ] as [string[], (string | number)[]][]) {
    const own = new ScriptCommand(scriptHead(sha, keys.length, args.length), sha, new ScriptKeys(keys), args);
    const theirs = new Command('evalsha', [sha, keys.length, ...keys, ...args], { replyEncoding: 'utf8' });
    t.equal(own.toWritable(), theirs.toWritable({}));
    t.same(own.getKeys(), theirs.getKeys());
    t.equal(own.getSlot(), theirs.getSlot());
    t.same(own.args.map(String), theirs.args);
    t.same(own.transformReply([Buffer.from('grün')]), ['grün']);
  }
  t.end();
});

t.test('what is not answered in time fails, and so does what was sent after it', async (t) => {
  const send = (ms: number) => {
    const command = new ScriptCommand(scriptHead(sha, 1, 0), sha, new ScriptKeys(['k']), []);
    command.setTimeout(ms);
    return command;
  };
  const alive = setTimeout(() => undefined, 60_000);
  const [answered, unanswered, failed, again] = [send(20), send(20), send(20), send(20)];
  answered.resolve(['ok']);
  failed.reject(new Error('Connection is closed.'));
  again.setTimeout(60_000);
  const timedOut = { reason: { message: 'Command timed out' } };
  t.match(await Promise.allSettled([answered, failed, unanswered, again].map(({ promise }) => promise)), [
    { value: ['ok'] },
    { reason: { message: 'Connection is closed.' } },
    timedOut,
    timedOut,
  ]);
  t.match(await Promise.allSettled([send(20).promise]), [timedOut]);
  clearTimeout(alive);
});
