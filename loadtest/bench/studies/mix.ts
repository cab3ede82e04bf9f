import { askRoomStatus, enter, holdBytes } from '../buyers.ts';
import type { Lab } from '../lab.ts';
import { drive, requestBytes } from '../load-client.ts';
import { openSale, publishSale, waitingBuyers } from '../sales.ts';
import { median, sample } from '../side.ts';
import type { Study, StudyResult } from '../study.ts';

const connections = 192;
const waiting = 5000;
const hall = { sections: 1, rows: 24, seatsPerRow: 20 };
/** Twelve requests in the order they are sent: what one public-api gets in mid-sale. */
const order = [
  'room-status',
  'enter',
  'room-status',
  'summary',
  'room-status',
  'seats',
  'room-status',
  'hold',
  'room-status',
  'summary',
  'room-status',
  'seats',
] as const;
type Step = (typeof order)[number];
const steps = [...new Set(order)];
const perRound = 24_000;

/**
 * Whether costs add up, as the capacity model takes for granted: each request alone, then all of them mixed, in the same
 * run, and how far off the prediction was.
 */
export const mixStudy: Study = {
  name: 'mix',
  title: 'requests of public-api mixed, predicted from each alone',
  async run(lab, plan, report) {
    const count = Math.round((perRound * plan.scale) / order.length) * order.length;
    const rounds: Measured[] = [];
    const makeRequests = await openRequests(lab);
    for (let round = 0; round <= plan.rounds; round++) {
      report(`mix: ${round === 0 ? 'warming up' : `round ${round} of ${plan.rounds}`}`);
      const result = await measure(lab, count, makeRequests);
      if (round > 0) rounds.push(result);
    }
    const of = (name: keyof Measured) => median(rounds.map((round) => round[name]));
    return [
      {
        'predicted µs': round(of('predictedUs')),
        'measured µs': round(of('measuredUs')),
        error: percent(of('predictedUs') / of('measuredUs') - 1),
        'requests/s': Math.round(of('perSecond')),
        busy: `${Math.round(of('busy') * 100)} %`,
      },
    ] satisfies StudyResult;
  },
};

type MakeRequests = (count: number) => Promise<ReadonlyMap<Step, () => { readonly bytes: string }>>;

/** Opens the sales; each call makes requests of every kind, `count` at most that can be made once. */
async function openRequests(lab: Lab): Promise<MakeRequests> {
  const inLine = await waitingBuyers(lab, waiting);
  const { eventId } = await publishSale(lab, 'bench-mix', hall);
  const sale = await openSale(lab);
  const cycle = <Item>(items: readonly Item[]) => {
    let index = 0;
    return () => items[index++ % items.length]!;
  };
  const statuses = inLine.map(({ token }) => ({
    bytes: requestBytes('GET', `/public/room-status?token=${token}`),
  }));
  await askRoomStatus(lab, inLine);
  const summary = { bytes: requestBytes('GET', `/public/summary/${eventId}/S0`) };
  const seats = { bytes: requestBytes('GET', `/public/seats/${eventId}`) };
  return async (count) => {
    const admitted = sale.take(count);
    await enter(lab, admitted);
    const newcomers = sale.take(count);
    return new Map([
      ['room-status', cycle(statuses)],
      ['summary', () => summary],
      ['seats', () => seats],
      [
        'enter',
        cycle(
          newcomers.map((buyer) => ({
            bytes: requestBytes('POST', '/public/enter', { userId: buyer.userId, eventId: buyer.eventId }),
          })),
        ),
      ],
      ['hold', cycle(admitted.map((buyer) => ({ bytes: holdBytes(buyer) })))],
    ]);
  };
}

interface Measured {
  readonly predictedUs: number;
  readonly measuredUs: number;
  readonly perSecond: number;
  readonly busy: number;
}

async function measure(lab: Lab, count: number, makeRequests: MakeRequests): Promise<Measured> {
  const { pid, port } = lab.services['public-api'];
  const run = async (total: number, requestOf: (index: number) => { readonly bytes: string }) => {
    let index = 0;
    let elapsedMs = 0;
    const result = await sample(
      {
        pids: [pid],
        run: async () => {
          const next = () => (index < total ? requestOf(index++) : undefined);
          const driven = await drive({ port, connections, expect: [200], next });
          elapsedMs = driven.elapsedMs;
          return driven.answered;
        },
      },
      0,
      lab.stores,
    );
    return { ...result, perSecond: result.requests / (elapsedMs / 1000) };
  };
  let predictedUs = 0;
  const alone = await makeRequests(Math.ceil(count / order.length));
  for (const step of steps) {
    const weight = order.filter((one) => one === step).length / order.length;
    const { usPerRequest } = await run(Math.round(count * weight), () => alone.get(step)!());
    predictedUs += weight * usPerRequest;
  }
  const mixed = await makeRequests(Math.ceil(count / order.length));
  const together = await run(count, (index) => mixed.get(order[index % order.length]!)!());
  return { ...together, predictedUs, measuredUs: together.usPerRequest };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function percent(value: number): string {
  return `${value > 0 ? '+' : ''}${Math.round(value * 100)} %`;
}
