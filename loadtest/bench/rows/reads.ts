import type { Lab } from '../lab.ts';
import { drive, requestBytes } from '../load-client.ts';
import type { Row } from '../row.ts';
import { publishSale, waitingBuyers } from '../sales.ts';
import type { Side } from '../side.ts';

const connections = 128;
const waiting = 10_000;

/** Two servers answer the same requests, turn and turn about. */
function readSides(lab: Lab, oursPaths: readonly string[], basePaths = oursPaths) {
  const side = (pid: number, port: number, paths: readonly string[]): Side => {
    const requests = paths.map((path) => ({ bytes: requestBytes('GET', path) }));
    let index = 0;
    const next = () => requests[index++ % requests.length];
    return {
      pids: [pid],
      run: async (forMs) => {
        // No store needs the core here.
        const driven = await drive({ port, connections, expect: [200], forMs, next, polls: true });
        return driven.answered;
      },
    };
  };
  const { pid, port } = lab.services['public-api'];
  return {
    base: side(lab.baseline.pid, lab.baseline.port, basePaths),
    ours: side(pid, port, oursPaths),
  };
}

const aim = { share: 0.75 };

const small = { sections: 1, rows: 24, seatsPerRow: 20 };
/** 50,000 seats. */
const arena = { sections: 100, rows: 10, seatsPerRow: 50 };

/** What buyers ask again and again: answered from a process's own memory. */
export const readRows: readonly Row[] = [
  {
    name: 'room-status',
    title: 'room-status of a drawn place, by an empty GET of the same schema',
    aim,
    async open(lab) {
      const buyers = await waitingBuyers(lab, waiting);
      return readSides(
        lab,
        buyers.map(({ token }) => `/public/room-status?token=${token}`),
      );
    },
  },
  {
    name: 'summary',
    title: 'summary of a section, cached, by an empty GET of the same schema',
    aim,
    async open(lab) {
      const { eventId } = await publishSale(lab, 'bench-small-a', small);
      return readSides(lab, [`/public/summary/${eventId}/S0`]);
    },
  },
  {
    name: 'seats',
    title: 'seat map of 480 seats, cached, by an empty GET',
    aim,
    async open(lab) {
      const { eventId } = await publishSale(lab, 'bench-small-b', small);
      return readSides(lab, [`/public/seats/${eventId}`], ['/empty']);
    },
  },
  {
    name: 'seats-50k',
    title: 'seat map of 50,000 seats, cached, by an empty GET',
    aim: { share: 0.5 },
    async open(lab) {
      const { eventId } = await publishSale(lab, 'bench-arena', arena);
      return readSides(lab, [`/public/seats/${eventId}`], ['/empty']);
    },
  },
];
