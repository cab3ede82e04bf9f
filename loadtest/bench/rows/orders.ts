import { askRoomStatus, askStatus, type Buyer, capture, commit, enter, hold, makeIntent } from '../buyers.ts';
import type { HandDrivenSettings } from '../hand-driven-child.ts';
import type { Row } from '../row.ts';
import { openSale, payers, queueOrders, workQueue } from '../sales.ts';

const ordersPerRound = 1000;
const purchasesPerRound = 1000;
const handQueue = 'bench-hand-driven.fifo';

/** What becomes of a commit, and a purchase as a whole. */
export const orderRows: readonly Row[] = [
  {
    name: 'worker',
    title:
      'an order settled and told to Redis and DynamoDB, by its SQL, receive and delete alone, driven by hand',
    aim: { share: 0.75 },
    async open(lab, scale) {
      const count = Math.round(ordersPerRound * scale);
      const sale = await openSale(lab);
      const { url } = lab.stub;
      const settings: HandDrivenSettings = {
        postgresUrl: lab.engines.postgresUrl,
        sqsEndpoint: url,
        queueUrl: `${url}/0/${handQueue}`,
      };
      const child = await lab.startBeside(new URL('../hand-driven-child.ts', import.meta.url), {
        args: [JSON.stringify(settings)],
      });
      return {
        ready: async () => {
          const buyers = await payers(lab, sale, 2 * count);
          await queueOrders(lab, buyers.slice(0, count));
          await lab.stub.tell({ order: 'move', queue: lab.commitQueue, to: handQueue });
          await queueOrders(lab, buyers.slice(count));
        },
        base: {
          pids: [child.pid],
          run: async () => {
            const answer = child.nextMessage<{ confirmed: number }>();
            child.send({ order: 'empty' });
            return (await answer).confirmed;
          },
        },
        ours: {
          pids: [lab.services['confirm-worker'].pid],
          run: async () => {
            await workQueue(lab);
            return count;
          },
        },
      };
    },
  },
  {
    name: 'purchase',
    title: 'enter, room-status, hold, intent, capture, commit, CONFIRMED, status: all processes together',
    aim: { maxUs: 500 },
    async open(lab, scale) {
      const count = Math.round(purchasesPerRound * scale);
      const sale = await openSale(lab);
      let buyers: Buyer[] = [];
      return {
        ready: async () => {
          buyers = sale.take(count);
        },
        ours: {
          pids: Object.values(lab.services).map(({ pid }) => pid),
          run: async () => {
            for (const step of [enter, askRoomStatus, hold, makeIntent, capture, commit]) {
              await step(lab, buyers);
            }
            await workQueue(lab);
            await askStatus(lab, buyers);
            return count;
          },
        },
      };
    },
  },
];
