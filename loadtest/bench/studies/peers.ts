import { type Buyer, enter, holdBytes } from '../buyers.ts';
import type { Lab } from '../lab.ts';
import { drive } from '../load-client.ts';
import type { PeerDesign, PeerOpening, PeerSettings } from '../peers/peer-child.ts';
import { cpuTimeUs } from '../processor.ts';
import { publishSale } from '../sales.ts';
import { median } from '../side.ts';
import { usedBetween } from '../store-cpu.ts';
import type { Study, StudyResult } from '../study.ts';
import { type Venue } from '../venue.ts';

const connections = 192;
const peerDesigns: readonly PeerDesign[] = ['event lock', 'conditional put', 'row lock'];
/** 50,000 seats; each round of a design takes others. */
const arena: Venue = { sections: 50, rows: 20, seatsPerRow: 50 };
const holdsPerRound = 2000;
/** How many want each seat of the race. */
const rivals = 10;

type Case = 'a seat each' | 'ten for a seat';
const cases: readonly Case[] = ['a seat each', 'ten for a seat'];

/** Who answers holds: ours or a peer. */
interface Design {
  readonly name: 'ours' | PeerDesign;
  readonly pid: number;
  readonly port: number;
  ready(buyers: readonly Buyer[]): Promise<void>;
}

interface Round {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly serverUs: number;
  readonly storeUs: number;
}

/** The same requests for the same seats, by turns, to ours and to three designs that are used instead. */
export const peersStudy: Study = {
  name: 'peers',
  title: 'seat holds beside an event-wide lock, a conditional put per seat, and SELECT … FOR UPDATE',
  async run(lab, plan, report) {
    return await compare(lab, Math.round(holdsPerRound * plan.scale), plan.rounds, report);
  },
};

async function compare(
  lab: Lab,
  perRound: number,
  rounds: number,
  report: (text: string) => void,
): Promise<StudyResult> {
  const sale = await publishSale(lab, 'bench-peers', arena);
  const designs = [
    await ourDesign(lab),
    ...(await Promise.all(peerDesigns.map((name) => startPeer(lab, name)))),
  ];
  const measured = new Map(
    designs.flatMap(({ name }) => cases.map((one) => [`${name}, ${one}`, [] as Round[]])),
  );
  for (let round = 0; round <= rounds; round++) {
    report(`peers: ${round === 0 ? 'warming up' : `round ${round} of ${rounds}`}`);
    for (const one of cases) {
      const buyers = sale.take(perRound);
      if (one === 'ten for a seat') {
        const seats = buyers.slice(0, perRound / rivals).map((buyer) => buyer.seatId);
        for (const [index, buyer] of buyers.entries()) {
          buyers[index] = { ...buyer, seatId: seats[index % seats.length]! };
        }
      }
      await enter(lab, buyers);
      const seats = new Set(buyers.map((buyer) => buyer.seatId));
      // By turns the first: whatever the first suffers, all do.
      for (let turn = 0; turn < designs.length; turn++) {
        const design = designs[(turn + round) % designs.length]!;
        await design.ready(buyers);
        const result = await holdAll(lab, design, buyers, seats.size);
        if (round > 0) measured.get(`${design.name}, ${one}`)!.push(result);
      }
    }
  }
  const middle = (key: string, of: (round: Round) => number) => median(measured.get(key)!.map(of));
  return cases.flatMap((one) =>
    designs.map(({ name }) => {
      const key = `${name}, ${one}`;
      const perSecond = middle(key, (round) => round.perSecond);
      return {
        case: one,
        design: name,
        'answers/s': Math.round(perSecond),
        'ours is': `${(middle(`ours, ${one}`, (round) => round.perSecond) / perSecond).toFixed(1)} ×`,
        'p50 ms': Math.round(middle(key, (round) => round.p50Ms)),
        'p99 ms': Math.round(middle(key, (round) => round.p99Ms)),
        'server µs': Math.round(middle(key, (round) => round.serverUs)),
        'store µs': Math.round(middle(key, (round) => round.storeUs)),
      };
    }),
  );
}

/** All buyers ask once. Each seat has to go to exactly one. */
async function holdAll(
  lab: Lab,
  { name, pid, port }: Design,
  buyers: readonly Buyer[],
  seats: number,
): Promise<Round> {
  const held = new Set<string>();
  let index = 0;
  const storesBefore = await lab.stores.look();
  const serverBefore = cpuTimeUs(pid);
  const driven = await drive({
    port,
    connections,
    expect: [200, 409],
    next: () => {
      const buyer = buyers[index++];
      return (
        buyer && {
          bytes: holdBytes(buyer),
          done: (_body, status) => {
            if (status !== 200) return;
            if (held.has(buyer.seatId)) throw new Error(`${name} gave ${buyer.seatId} to two buyers`);
            held.add(buyer.seatId);
          },
        }
      );
    },
  });
  const requests = buyers.length;
  const serverUs = (cpuTimeUs(pid) - serverBefore) / requests;
  const stores = usedBetween(storesBefore, await lab.stores.look());
  if (held.size !== seats) throw new Error(`${name} gave ${held.size} of ${seats} seats`);
  return {
    perSecond: requests / (driven.elapsedMs / 1000),
    p50Ms: driven.latenciesMs[Math.floor(requests * 0.5)]!,
    p99Ms: driven.latenciesMs[Math.floor(requests * 0.99)]!,
    serverUs,
    storeUs: (stores.redisUs + stores.postgresUs) / requests,
  };
}

async function ourDesign(lab: Lab): Promise<Design> {
  const { pid, port } = lab.services['public-api'];
  return { name: 'ours', pid, port, ready: async () => undefined };
}

async function startPeer(lab: Lab, name: PeerDesign): Promise<Design> {
  const settings: PeerSettings = {
    design: name,
    stores: {
      redisUrl: lab.engines.redisUrl,
      postgresUrl: lab.engines.postgresUrl,
      dynamodbUrl: lab.stub.url,
    },
  };
  const child = await lab.startBeside(new URL('../peers/peer-child.ts', import.meta.url), {
    args: [JSON.stringify(settings)],
  });
  const { port } = await child.nextMessage<{ port: number }>();
  return {
    name,
    pid: child.pid,
    port,
    async ready(buyers) {
      const opened = child.nextMessage();
      const { eventId } = buyers[0]!;
      child.send({
        eventId,
        seatIds: [...new Set(buyers.map((buyer) => buyer.seatId))],
      } satisfies PeerOpening);
      await opened;
    },
  };
}
