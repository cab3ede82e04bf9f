import t from 'tap';
import { createVerifiedTokens } from './verified-tokens.ts';

const alice = { userId: 'alice', roles: [] };

t.test('a token is known until it expires, and ten minutes at most', (t) => {
  const tokens = createVerifiedTokens(10);
  tokens.add('short', alice, 5000, 0);
  tokens.add('long', alice, 3_600_000, 0);
  t.equal(tokens.get('short', 4999), alice);
  t.equal(tokens.get('short', 5000), undefined);
  t.equal(tokens.get('long', 599_999), alice);
  t.equal(tokens.get('long', 600_000), undefined);
  t.equal(tokens.size, 0, 'what has expired is not kept');
  t.end();
});

t.test('never more than the limit: the token unused for longest goes', (t) => {
  const tokens = createVerifiedTokens(2);
  tokens.add('a', alice, 5000, 0);
  tokens.add('b', alice, 5000, 0);
  tokens.get('a', 1);
  tokens.add('c', alice, 5000, 1);
  t.equal(tokens.size, 2);
  t.equal(tokens.get('b', 2), undefined);
  t.equal(tokens.get('a', 2), alice);
  t.equal(tokens.get('c', 2), alice);
  t.end();
});
