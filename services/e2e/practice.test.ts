import t from 'tap';
import { Buyer, until } from './buyer.ts';
import { publishEvent, startStack } from './sale-fixture.ts';

t.setTimeout(300_000);

t.test(
  'each practice round is a sale of its own: fresh seats, a fresh room, closed in between',
  async (t) => {
    const stack = await startStack(t);
    const eventId = await publishEvent(stack, { windows: { every: '6s', openFor: '3s' }, holdTtl: '2s' });
    const sales: string[] = [];
    for (let round = 0; round < 2; round++) {
      let buyer = new Buyer(stack.url, eventId);
      let saleId = '';
      await until('the same seat is held in another round', 90_000, async () => {
        buyer = new Buyer(stack.url, eventId);
        const entered = await buyer.enter();
        saleId = entered.body.saleId;
        if (entered.status !== 200 || sales.includes(saleId)) return false;
        await until('the turn', 8000, async () => (await buyer.roomStatus()).body.ready === true);
        return (await buyer.hold({ seatId: 'R1C1' })).status === 200;
      });
      sales.push(saleId);
    }
    t.equal(new Set(sales).size, 2);
    const early = new Buyer(stack.url, eventId);
    await until('between two rounds nothing is sold', 60_000, async () => {
      const entered = await early.enter();
      const beforeOpening = Date.parse(entered.body.opensAt) - Date.now();
      if (beforeOpening < 1500) return false;
      t.match(await early.hold({ seatId: 'R1C2' }), { status: 409, body: { error: 'sale_not_open' } });
      return true;
    });
  },
);
