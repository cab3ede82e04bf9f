import {
  type Buyer,
  capture,
  commit,
  commitBytes,
  enter,
  hold,
  holdBytes,
  intentBytes,
  makeIntent,
} from '../buyers.ts';
import type { Lab } from '../lab.ts';
import { drive, requestBytes, type Driven } from '../load-client.ts';
import type { Row, Sides } from '../row.ts';
import { closeQueue, openSale, payers, type Sale, workQueue } from '../sales.ts';

const connections = 192;

interface Written {
  readonly name: string;
  readonly title: string;
  readonly share: number;
  /** Requests of a round. */
  readonly count: number;
  readonly service: 'public-api' | 'confirm-api';
  readonly expect: number;
  /** Buyers for whom the request is the next one. */
  readonly prepare: (lab: Lab, sale: Sale, count: number) => Promise<Buyer[]>;
  readonly ours: (lab: Lab, buyers: readonly Buyer[]) => Promise<Driven>;
  readonly bytesOf: (buyer: Buyer) => string;
  readonly after?: (lab: Lab, buyers: readonly Buyer[]) => Promise<void>;
}

/** A request that can be made once: each round's are made ready before it. The baseline gets the very same ones. */
function writeRow(written: Written): Row {
  const { name, title, share, service, expect } = written;
  return {
    name,
    title: `${title}, by an empty POST of the same schema`,
    aim: { share },
    async open(lab, scale): Promise<Sides> {
      const count = Math.round(written.count * scale);
      const sale = await openSale(lab);
      let buyers: Buyer[] = [];
      const done = async () => {
        if (buyers.length > 0) await written.after?.(lab, buyers);
        buyers = [];
      };
      return {
        ready: async () => {
          await done();
          buyers = await written.prepare(lab, sale, count);
        },
        done,
        base: {
          pids: [lab.baseline.pid],
          run: async () => {
            let index = 0;
            const next = () =>
              index < 2 * count ? { bytes: written.bytesOf(buyers[index++ % count]!) } : undefined;
            return (await drive({ port: lab.baseline.port, connections, expect: [expect], next })).answered;
          },
        },
        ours: {
          pids: [lab.services[service].pid],
          run: async () => (await written.ours(lab, buyers)).answered,
        },
      };
    },
  };
}

/** The steps of a purchase, each by itself. */
export const writeRows: readonly Row[] = [
  writeRow({
    name: 'enter',
    title: 'enter, a new buyer each',
    share: 0.55,
    count: 12_000,
    service: 'public-api',
    expect: 200,
    prepare: async (_lab, sale, count) => sale.take(count),
    ours: enter,
    bytesOf: ({ userId, eventId }) => requestBytes('POST', '/public/enter', { userId, eventId }),
  }),
  writeRow({
    name: 'hold',
    title: 'hold of a named seat with its lock item awaited',
    share: 0.5,
    count: 6000,
    service: 'public-api',
    expect: 200,
    prepare: async (lab, sale, count) => {
      const buyers = sale.take(count);
      await enter(lab, buyers);
      return buyers;
    },
    ours: hold,
    bytesOf: holdBytes,
  }),
  writeRow({
    name: 'intent',
    title: 'payment intent, durable',
    share: 0.35,
    count: 4000,
    service: 'confirm-api',
    expect: 201,
    prepare: async (_lab, sale, count) => sale.take(count),
    ours: makeIntent,
    bytesOf: intentBytes,
  }),
  writeRow({
    name: 'commit',
    title: 'commit of a held seat up to the queue',
    share: 0.35,
    count: 3000,
    service: 'confirm-api',
    expect: 202,
    prepare: async (lab, sale, count) => {
      await closeQueue(lab);
      return await payers(lab, sale, count);
    },
    ours: commit,
    bytesOf: commitBytes,
    // Or the sweepers would take them up in the middle of another row.
    after: async (lab, buyers) => {
      await capture(lab, buyers);
      await workQueue(lab);
    },
  }),
];
