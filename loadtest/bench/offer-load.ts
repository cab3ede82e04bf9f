import { connect, type Socket } from 'node:net';

export interface Offered {
  readonly port: number;
  readonly perSecond: number;
  readonly forMs: number;
  /** Bytes of the next request. */
  readonly next: () => string;
  /** Whoever has not been answered by then has gone: an answer after it is good for nothing. */
  readonly patienceMs: number;
}

export interface Taken {
  /** Requests that were due. */
  readonly offered: number;
  /** Answered with 200 in time. */
  readonly good: number;
  /** Refused with 503 in time. */
  readonly refused: number;
  /** Answered otherwise in time. */
  readonly other: number;
}

/** As many as a load balancer's nodes together may open to one process. */
const maxConnections = 4096;
const headEnd = Buffer.from('\r\n\r\n');

/**
 * Sends requests when they are due, whether or not the ones before have been answered, as people do who know nothing of each
 * other. Where every connection is taken a request waits for one, and its time runs.
 */
export async function offerLoad({ port, perSecond, forMs, next, patienceMs }: Offered): Promise<Taken> {
  const taken = { offered: 0, good: 0, refused: 0, other: 0 };
  const idle: ((dueAtMs: number) => void)[] = [];
  const waiting: number[] = [];
  const sockets = new Set<Socket>();

  const dial = (firstDueAtMs: number) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let dueAtMs = firstDueAtMs;
    let buffered: Buffer | undefined;
    const send = (atMs: number) => {
      dueAtMs = atMs;
      socket.write(next(), 'latin1');
    };
    sockets.add(socket);
    socket.on('connect', () => send(firstDueAtMs));
    // It counts as a request without an answer.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      const at = idle.indexOf(send);
      if (at >= 0) idle.splice(at, 1);
    });
    socket.on('data', (chunk: Buffer) => {
      buffered = buffered ? Buffer.concat([buffered, chunk]) : chunk;
      const headEndsAt = buffered.indexOf(headEnd);
      if (headEndsAt < 0) return;
      const [, length = '0'] =
        /\r\ncontent-length: *(\d+)/i.exec(buffered.toString('latin1', 0, headEndsAt)) ?? [];
      if (buffered.length < headEndsAt + 4 + Number(length)) return;
      const status = buffered.toString('latin1', 9, 12);
      buffered = undefined;
      const nowMs = performance.now();
      if (nowMs - dueAtMs <= patienceMs) {
        if (status === '200') taken.good++;
        else if (status === '503') taken.refused++;
        else taken.other++;
      }
      while (waiting.length > 0 && nowMs - waiting[0]! > patienceMs) waiting.shift();
      const due = waiting.shift();
      if (due === undefined) idle.push(send);
      else send(due);
    });
  };

  const beganAtMs = performance.now();
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const elapsedMs = performance.now() - beganAtMs;
      const due = Math.floor((Math.min(elapsedMs, forMs) * perSecond) / 1000);
      for (; taken.offered < due; taken.offered++) {
        const dueAtMs = beganAtMs + (taken.offered * 1000) / perSecond;
        const send = idle.pop();
        if (send) send(dueAtMs);
        else if (sockets.size < maxConnections) dial(dueAtMs);
        else waiting.push(dueAtMs);
      }
      if (elapsedMs < forMs + patienceMs) return;
      clearInterval(timer);
      resolve();
    }, 1);
  });
  for (const socket of sockets) socket.destroy();
  return taken;
}
