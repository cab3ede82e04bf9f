import { createHmac } from 'node:crypto';
import t from 'tap';
import { createRoomTokens } from './room-token.ts';

const oldKey = { id: 'k1', secret: 'an older secret of thirty-two bytes' };
const newKey = { id: 'k2', secret: 'a newer secret of thirty-two bytes!' };
const place = {
  saleId: 'event-0001.0',
  userId: 'alice',
  joinIndex: 41,
  takenAtMs: 1_795_000_000_123,
} as const;

t.test('a token says what was signed, is URL-safe and short', async (t) => {
  const tokens = createRoomTokens([oldKey]);
  const userIds = ['alice', 'a', 'auth0|5f7c8ec7c33c6c004bbafe82', '~/.{}%"\\', 'x'.repeat(128)];
  for (const userId of userIds) {
    for (const joinIndex of [0, 41, 2 ** 40]) {
      const token = tokens.sign({ ...place, userId, joinIndex });
      t.match(token, /^[\w.-]+$/);
      t.same(tokens.verify(token), { outcome: 'valid', token: { ...place, userId, joinIndex } });
    }
  }
  const uuid = '3f2b8c1e-0d5a-4c55-9f43-2f6a7a1b9c0d';
  t.ok(tokens.sign({ ...place, userId: uuid }).length < 150);
});

t.test('the same place gives the same token', async (t) => {
  t.equal(createRoomTokens([oldKey]).sign(place), createRoomTokens([oldKey, newKey]).sign(place));
});

t.test('any character changed, cut off or added makes it invalid', async (t) => {
  const tokens = createRoomTokens([oldKey]);
  const token = tokens.sign(place);
  for (let index = 0; index < token.length; index++) {
    // The last has the same low byte: written as Latin-1 it would be the character itself.
    const lookalike = String.fromCharCode(token.charCodeAt(index) + 0x100);
    for (const character of ['A', 'b', '0', '.', '-', lookalike]) {
      if (token[index] === character) continue;
      const forged = token.slice(0, index) + character + token.slice(index + 1);
      if (tokens.verify(forged).outcome !== 'invalid') t.fail(`character ${index} does not matter`);
    }
    if (tokens.verify(token.slice(0, index)).outcome !== 'invalid') t.fail(`${index} characters are enough`);
  }
  t.equal(tokens.verify(`${token}A`).outcome, 'invalid');
  t.equal(tokens.verify(` ${token}`).outcome, 'invalid');
});

t.test('what never was a token is invalid', async (t) => {
  const tokens = createRoomTokens([oldKey]);
  for (const text of ['', '.', '..', 'k1..', 'k1', 'é'.repeat(100), `k1.${'A'.repeat(5000)}.`, 'k1.\0.\0']) {
    t.equal(tokens.verify(text).outcome, 'invalid', JSON.stringify(text.slice(0, 20)));
  }
  const signed = `k1.${Buffer.from('no claims').toString('base64url')}`;
  const signature = createHmac('sha256', oldKey.secret).update(signed).digest('base64url');
  t.equal(tokens.verify(`${signed}.${signature}`).outcome, 'invalid', 'signed, but no claims of ours');
});

t.test('keys rotate: the first signs, all verify, a removed one does no more', async (t) => {
  const before = createRoomTokens([oldKey]).sign(place);
  const rotated = createRoomTokens([newKey, oldKey]);
  t.equal(rotated.verify(before).outcome, 'valid');
  const after = rotated.sign(place);
  t.match(after, /^k2\./);
  t.equal(createRoomTokens([oldKey, newKey]).verify(after).outcome, 'valid', 'a replica not yet rotated');
  t.equal(createRoomTokens([newKey]).verify(before).outcome, 'invalid');
});

t.test('a foreign key under the same id does not verify', async (t) => {
  const foreign = createRoomTokens([{ id: 'k1', secret: newKey.secret }]).sign(place);
  t.equal(createRoomTokens([oldKey]).verify(foreign).outcome, 'invalid');
});

t.test('a bad key ring is refused', async (t) => {
  t.throws(() => createRoomTokens([]), /at least one key/);
  t.throws(() => createRoomTokens([{ id: 'k1', secret: 'short' }]), /32 bytes/);
  t.throws(() => createRoomTokens([{ id: 'k.1', secret: oldKey.secret }]), /key id/);
  t.throws(() => createRoomTokens([oldKey, { ...newKey, id: 'k1' }]), /twice/);
});

t.test('a token of version 0.1.0 keeps its place while releases come and go', (t) => {
  const tokens = createRoomTokens([{ id: 'k1', secret: 'a-released-room-token-key-0123456789' }]);
  const text =
    'k1.ZXZlbnQtMDAwMS4wL3lhL211YmJzN2k4L2FsaWNlQGV4YW1wbGUuY29t.NorJ5HA0JDBiBBrnwmGySaGG3IvDdERrPF_ncWwi358';
  const token = {
    saleId: 'event-0001.0',
    userId: 'alice@example.com',
    joinIndex: 1234,
    takenAtMs: 1_790_000_000_000,
  } as const;
  t.same(tokens.verify(text), { outcome: 'valid', token });
  t.equal(tokens.sign(token), text, 'and the version before reads what this one signs');
  t.end();
});
