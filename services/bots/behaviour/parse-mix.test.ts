import t from 'tap';
import { parseMix } from './parse-mix.ts';

t.test('a mix of strategies is read from pairs', async (t) => {
  t.same(parseMix(['front-rows=3', 'best-available=0']), { 'front-rows': 3, 'best-available': 0 });
});

t.test('a mix nobody is part of, or of what is no strategy, is none', async (t) => {
  for (const pairs of [
    [],
    ['front-rows=0'],
    ['front-rows'],
    ['front-rows=x'],
    ['front-rows=-1'],
    ['cheat=1'],
  ]) {
    t.equal(parseMix(pairs), undefined, pairs.join());
  }
});
