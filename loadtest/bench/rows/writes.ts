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
import type { HoldByHandSettings } from '../hold-by-hand-child.ts';
import { type Lab, lockTable, roomTokenSecret } from '../lab.ts';
import { drive, requestBytes, type Driven } from '../load-client.ts';
import type { Row, Sides } from '../row.ts';
import { closeQueue, openSale, payers, type Sale, workQueue } from '../sales.ts';

const connections = 192;

/** A process that is asked by these buyers. */
interface Served {
  readonly pid: number;
  ask(buyers: readonly Buyer[]): Promise<Driven>;
}

interface Written {
  readonly name: string;
  readonly title: string;
  readonly share: number;
  /** Requests of a round. */
  readonly count: number;
  readonly expect: number;
  /** Buyers for whom the request is the next one. */
  readonly prepare: (lab: Lab, sale: Sale, count: number) => Promise<Buyer[]>;
  readonly ours: (lab: Lab) => Promise<Served>;
  readonly bytesOf: (buyer: Buyer) => string;
  readonly after?: (lab: Lab, buyers: readonly Buyer[]) => Promise<void>;
}

const by =
  (service: 'public-api' | 'confirm-api', step: (lab: Lab, buyers: readonly Buyer[]) => Promise<Driven>) =>
  async (lab: Lab): Promise<Served> => ({
    pid: lab.services[service].pid,
    ask: (buyers) => step(lab, buyers),
  });

/** Of one request for each of them, repeated `times`. */
const ask = (
  port: number,
  expect: number,
  buyers: readonly Buyer[],
  bytesOf: Written['bytesOf'],
  times = 1,
) => {
  let index = 0;
  const next = () =>
    index < times * buyers.length ? { bytes: bytesOf(buyers[index++ % buyers.length]!) } : undefined;
  return drive({ port, connections, expect: [expect], next });
};

async function holdByHand(lab: Lab): Promise<Served> {
  const settings: HoldByHandSettings = {
    redisUrl: lab.engines.redisUrl,
    dynamodbEndpoint: lab.stub.url,
    lockTable,
    roomTokenSecret,
  };
  const child = await lab.startBeside(new URL('../hold-by-hand-child.ts', import.meta.url), {
    args: [JSON.stringify(settings)],
  });
  const { port } = await child.nextMessage<{ port: number }>();
  return { pid: child.pid, ask: (buyers) => ask(port, 200, buyers, holdBytes) };
}

/** A request that can be made once: each round's are made ready before it. The baseline gets the very same ones. */
function writeRow(written: Written): Row {
  const { name, title, share, expect, bytesOf } = written;
  return {
    name,
    title: `${title}, by an empty POST of the same schema`,
    aim: { share },
    async open(lab, scale): Promise<Sides> {
      const count = Math.round(written.count * scale);
      const sale = await openSale(lab);
      const served = await written.ours(lab);
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
          run: async () => (await ask(lab.baseline.port, expect, buyers, bytesOf, 2)).answered,
        },
        ours: {
          pids: [served.pid],
          run: async () => (await served.ask(buyers)).answered,
        },
      };
    },
  };
}

/** Buyers with a place of their own in the waiting room. */
async function placed(lab: Lab, sale: Sale, count: number): Promise<Buyer[]> {
  const buyers = sale.take(count);
  await enter(lab, buyers);
  return buyers;
}

/** The steps of a purchase, each by itself. */
export const writeRows: readonly Row[] = [
  writeRow({
    name: 'enter',
    title: 'enter, a new buyer each',
    share: 0.55,
    count: 12_000,
    expect: 200,
    prepare: async (_lab, sale, count) => sale.take(count),
    ours: by('public-api', enter),
    bytesOf: ({ userId, eventId }) => requestBytes('POST', '/public/enter', { userId, eventId }),
  }),
  writeRow({
    name: 'hold',
    title: 'hold of a named seat with its lock item awaited',
    share: 0.5,
    count: 6000,
    expect: 200,
    prepare: placed,
    ours: by('public-api', hold),
    bytesOf: holdBytes,
  }),
  writeRow({
    name: 'hold-by-hand',
    title: 'the calls of a hold by hand, nothing decided',
    share: 0.5,
    count: 6000,
    expect: 200,
    prepare: placed,
    ours: holdByHand,
    bytesOf: holdBytes,
  }),
  writeRow({
    name: 'intent',
    title: 'payment intent, durable',
    share: 0.35,
    count: 4000,
    expect: 201,
    prepare: async (_lab, sale, count) => sale.take(count),
    ours: by('confirm-api', makeIntent),
    bytesOf: intentBytes,
  }),
  writeRow({
    name: 'commit',
    title: 'commit of a held seat up to the queue',
    share: 0.35,
    count: 3000,
    expect: 202,
    prepare: async (lab, sale, count) => {
      await closeQueue(lab);
      return await payers(lab, sale, count);
    },
    ours: by('confirm-api', commit),
    bytesOf: commitBytes,
    // Or the sweepers would take them up in the middle of another row.
    after: async (lab, buyers) => {
      await capture(lab, buyers);
      await workQueue(lab);
    },
  }),
];
