import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { Buyer, call } from './buyer.ts';
import { publishEvent, startStack } from './sale-fixture.ts';

t.setTimeout(300_000);

t.test('replacing every replica under load loses no request and no order', async (t) => {
  const stack = await startStack(t, { replicas: 2 });
  const eventId = await publishEvent(stack, {
    sections: [{ id: 'A', rows: 50, seatsPerRow: 50, price: 1000 }],
  });
  const failures: string[] = [];
  let requests = 0;
  let bought = 0;
  let running = true;

  const reads = async () => {
    while (running) {
      for (const path of ['/public/ping', `/public/seats/${eventId}`, '/confirm/health', '/api/events']) {
        try {
          const answer = await call(stack.url, 'GET', path);
          requests++;
          if (answer.status !== 200)
            failures.push(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
        } catch (error) {
          failures.push(`${path}: ${String(error)}`);
        }
      }
      await delay(5);
    }
  };
  const purchases = async (row: number) => {
    for (let column = 1; running && column <= 50; column++) {
      const buyer = new Buyer(stack.url, eventId);
      try {
        await buyer.awaitTurn();
        const { order } = await buyer.buy([`R${row}C${column}`]);
        if (order.status === 'CONFIRMED') bought++;
        else failures.push(`order ${order.status} ${order.reason}`);
      } catch (error) {
        failures.push(String(error));
      }
    }
  };
  const load = [reads(), reads(), ...Array.from({ length: 6 }, (_, index) => purchases(index + 1))];
  for (const name of ['public-api', 'confirm-api', 'confirm-worker'] as const)
    await stack.rollingRestart(name);
  running = false;
  await Promise.all(load);

  t.same(failures, [], `${requests} reads and ${bought} purchases went through`);
  t.ok(bought > 5, 'buyers bought throughout');
});
