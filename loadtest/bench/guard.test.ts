import t from 'tap';
import { fallen, guardedRows, readRecorded, tolerated } from './guard.ts';

t.test('what has fallen too far is named with both shares', async (t) => {
  const recorded = { enter: 0.5, hold: 0.3 };
  t.same(fallen([{ name: 'enter', share: 0.5 * tolerated }], recorded), [], 'at the limit');
  t.same(fallen([{ name: 'enter', share: 0.39 }], recorded), [
    'enter: 0.390 of its baseline, 22 % below the recorded 0.500',
  ]);
  t.same(fallen([{ name: 'purchase', share: undefined }], recorded), [], 'nothing is recorded of it');
});

t.test('every guarded row has a recorded share', async (t) => {
  const recorded = await readRecorded();
  for (const name of guardedRows) t.ok(recorded[name]! > 0, name);
});
