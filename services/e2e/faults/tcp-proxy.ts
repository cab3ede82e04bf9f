import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** What a proxy does to the bytes that pass through it. */
export interface Toxics {
  /** Added to each piece, and how far it varies. */
  readonly latencyMs?: number;
  readonly jitterMs?: number;
  /** Nothing passes; connections stay open. */
  readonly stalled?: boolean;
  /** New connections are closed at once. */
  readonly refusing?: boolean;
  /** Each connection is reset, in the middle of a piece, after about so many bytes. */
  readonly resetAfterBytes?: number;
}

/** A proxy of ours in front of an engine. */
export interface TcpProxy {
  readonly port: number;
  /** Replaces what it does; `{}` lets everything pass. */
  set(toxics: Toxics): void;
  /** Closes what is open: in order, or as a reset. */
  cut(how: 'close' | 'reset'): void;
  close(): Promise<void>;
}

interface Piece {
  readonly bytes: Buffer | undefined;
  readonly dueAtMs: number;
}

/** Listens on a free port of loopback and passes connections on to another one; `random` varies what varies. */
export async function startTcpProxy(targetPort: number, random: () => number): Promise<TcpProxy> {
  let toxics: Toxics = {};
  const pairs = new Set<{ client: Socket; upstream: Socket; wake: () => void }>();

  const pass = (from: Socket, to: Socket, onBytes: (count: number) => number) => {
    const pieces: Piece[] = [];
    let timer: NodeJS.Timeout | undefined;
    let lastDueMs = 0;
    const flush = () => {
      clearTimeout(timer);
      while (pieces.length > 0 && !toxics.stalled) {
        const waitMs = pieces[0]!.dueAtMs - performance.now();
        if (waitMs > 0) {
          timer = setTimeout(flush, waitMs);
          return;
        }
        const { bytes } = pieces.shift()!;
        if (!bytes) {
          to.end();
          continue;
        }
        const allowed = onBytes(bytes.length);
        if (allowed < bytes.length) {
          // The reset must not overtake what was allowed.
          to.write(bytes.subarray(0, allowed), () => {
            from.resetAndDestroy();
            to.resetAndDestroy();
          });
          return;
        }
        if (!to.write(bytes)) {
          from.pause();
          to.once('drain', () => from.resume());
        }
      }
    };
    const queue = (bytes: Buffer | undefined) => {
      const { latencyMs = 0, jitterMs = 0 } = toxics;
      // Never before the piece ahead of it.
      lastDueMs = Math.max(lastDueMs, performance.now() + latencyMs + jitterMs * random());
      pieces.push({ bytes, dueAtMs: latencyMs + jitterMs === 0 ? 0 : lastDueMs });
      flush();
    };
    from.on('data', queue);
    from.on('end', () => queue(undefined));
    from.on('close', () => clearTimeout(timer));
    return flush;
  };

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    if (toxics.refusing) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ host: '127.0.0.1', port: targetPort, allowHalfOpen: true, noDelay: true });
    const limit = toxics.resetAfterBytes;
    let left = limit === undefined ? Number.POSITIVE_INFINITY : Math.ceil(limit * (0.5 + random()));
    const spend = (count: number) => {
      const allowed = Math.min(count, left);
      left -= allowed;
      return allowed;
    };
    const wakes = [pass(client, upstream, spend), pass(upstream, client, spend)];
    const pair = { client, upstream, wake: () => wakes.forEach((wake) => wake()) };
    pairs.add(pair);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => {
        pairs.delete(pair);
        other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const cut = (how: 'close' | 'reset') => {
    for (const { client, upstream } of [...pairs]) {
      for (const socket of [client, upstream]) {
        if (how === 'reset') socket.resetAndDestroy();
        else socket.destroy();
      }
    }
  };
  return {
    port: (server.address() as AddressInfo).port,
    set(next) {
      toxics = next;
      for (const { wake } of [...pairs]) wake();
    },
    cut,
    async close() {
      cut('close');
      server.close();
      await once(server, 'close');
    },
  };
}
