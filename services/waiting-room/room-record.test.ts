import { saleIdOf } from '@onsale/contracts/sale/sale-id';
import t from 'tap';
import { toRoomRecord } from './room-record.ts';
import type { RoomState } from './room-state.ts';
import { openingPiece, servingNumber } from './serving.ts';

const opensAtMs = 1_800_000_000_000;
const saleId = saleIdOf('event-0001', 0);
const sale = {
  saleId,
  round: 0,
  roomOpensAtMs: opensAtMs - 60_000,
  opensAtMs,
  closesAtMs: opensAtMs + 60_000,
};
const unsealed: RoomState = {
  version: 3,
  next: 500,
  generation: 1,
  opensAtMs,
  seal: undefined,
  pieces: [],
  rateOverride: undefined,
  seed: '11'.repeat(32),
  beacon: undefined,
  entered: 480,
  admission: undefined,
};
const recordAt = (nowMs: number, state: RoomState) =>
  toRoomRecord({ eventId: 'event-0001', sale, state, openingRate: 100, admission: 'open', nowMs });
/** By everybody who read it then, or keeps it for a second. */
const numbersOf = (nowMs: number, state: RoomState) =>
  [0, 500, 999].map((laterMs) => servingNumber([recordAt(nowMs, state).serving], nowMs + laterMs));

t.test('before the opening the record says when it will be', async (t) => {
  t.same(recordAt(opensAtMs - 5000, unsealed).serving, openingPiece(opensAtMs, 100));
});

t.test('an opening that is late serves nobody, and the number does not fall when it comes', async (t) => {
  for (const lateMs of [0, 1, 900, 2750, 60_000 - 1]) {
    t.same(numbersOf(opensAtMs + lateMs, unsealed), [-1, -1, -1], `${lateMs} ms late`);
  }
  const sealedAtMs = opensAtMs + 3000;
  const sealed = {
    ...unsealed,
    version: 4,
    seal: { cohort: 500, sealedAtMs },
    pieces: [openingPiece(sealedAtMs, 100)],
  };
  t.same(numbersOf(sealedAtMs, sealed), [0, 50, 99]);
});

t.test('the seed is shown with the seal, its hash from when the room opens', async (t) => {
  t.match(recordAt(sale.roomOpensAtMs - 1, unsealed).draw, { seedHash: '', seed: null, cohort: null });
  t.match(recordAt(opensAtMs + 5000, unsealed).draw, { seedHash: /^[0-9a-f]{64}$/, seed: null });
});
