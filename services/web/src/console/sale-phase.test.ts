import t from 'tap';
import { phaseAt } from './sale-phase.ts';

const sale = {
  cancellation: null,
  roomOpensAt: '2030-01-01T09:00:00Z',
  opensAt: '2030-01-01T10:00:00Z',
  closesAt: '2030-01-01T11:00:00Z',
};
const at = (time: string) => Date.parse(`2030-01-01T${time}Z`);

t.test('each phase lasts until the next one begins', async (t) => {
  t.same(phaseAt(sale, at('08:59:59')), { phase: 'room-closed', untilMs: at('09:00:00') });
  t.same(phaseAt(sale, at('09:00:00')), { phase: 'room-open', untilMs: at('10:00:00') });
  t.same(phaseAt(sale, at('10:00:00')), { phase: 'on-sale', untilMs: at('11:00:00') });
  t.same(phaseAt(sale, at('11:00:00')), { phase: 'closed', untilMs: null });
});

t.test('a cancelled event is cancelled at any time', async (t) => {
  const cancellation = { at: '2030-01-01T08:00:00Z', reason: 'Storm' };
  t.same(phaseAt({ ...sale, cancellation }, at('10:30:00')), { phase: 'cancelled', untilMs: null });
});
