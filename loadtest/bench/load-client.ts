import { connect, type Socket } from 'node:net';

/** One request to be sent. */
export interface LoadRequest {
  /** Its bytes, from the request line to the end of the body. */
  readonly bytes: string;
  /** Called with the answer; the status is checked before. */
  readonly done?: (body: string, status: number) => void;
}

export interface Drive {
  readonly port: number;
  readonly connections: number;
  /** The next request, or undefined when there are no more. */
  readonly next: () => LoadRequest | undefined;
  /** Statuses that are answers; any other ends it. */
  readonly expect: readonly number[];
  /** Ends after this long, or when `next` does. */
  readonly forMs?: number;
  /**
   * Looks for answers without ever sleeping: whoever answers one that sleeps has to wake it up, which a server's answers to the
   * world do not (ADR 30). It takes all of the core that others leave.
   */
  readonly polls?: boolean;
}

export interface Driven {
  readonly answered: number;
  readonly elapsedMs: number;
  /** Milliseconds from a request's sending to the end of its answer, ascending. */
  readonly latenciesMs: Float64Array;
}

/** Text of a request. The same headers go to every server, so that reading them costs each the same. */
export function requestBytes(
  method: string,
  path: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): string {
  const text = body === undefined ? '' : JSON.stringify(body);
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'host: tickets.example',
    'user-agent: Mozilla/5.0 (X11; Linux x86_64) bench',
    'accept: application/json',
    'accept-encoding: gzip, deflate, br',
    'x-forwarded-for: 203.0.113.7',
    'x-forwarded-proto: https',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(body === undefined
      ? []
      : ['content-type: application/json', `content-length: ${Buffer.byteLength(text)}`]),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${text}`;
}

/** Idle connections by port, kept as a load balancer keeps them: accepting one costs a server as much as some requests do. */
const kept = new Map<number, { readonly socket: Socket; readonly sinceMs: number }[]>();
/** Well below what servers here wait before they close one. */
const keptForMs = 30_000;

function keep(port: number, socket: Socket): void {
  // By their names: the socket has listeners of its own.
  for (const event of ['data', 'close', 'error', 'connect']) socket.removeAllListeners(event);
  socket.on('error', () => undefined);
  socket.unref();
  const others = kept.get(port) ?? [];
  kept.set(port, others);
  others.push({ socket, sinceMs: performance.now() });
}

function keptSocket(port: number): Socket | undefined {
  for (let one = kept.get(port)?.pop(); one; one = kept.get(port)?.pop()) {
    const { socket, sinceMs } = one;
    if (!socket.destroyed && !socket.readableEnded && performance.now() - sinceMs < keptForMs) {
      socket.removeAllListeners('error');
      return socket.ref();
    }
    socket.destroy();
  }
  return undefined;
}

/** A server whose core was taken away for half a second sheds load: on a shared machine that is no failure. */
const repeatAfterMs = 50;
const leastRepeats = 1000;

const headEnd = Buffer.from('\r\n\r\n');

/**
 * Sends requests over kept-open connections, one at a time on each, as fast as they are answered. Written on sockets: at 5
 * to 8 µs a request it stays ahead of a server that needs 20, where an HTTP client library would be as slow as the server.
 */
export async function drive({
  port,
  connections,
  next,
  expect,
  forMs,
  polls = false,
}: Drive): Promise<Driven> {
  const latencies: number[] = [];
  const beganAt = performance.now();
  const endsAt = beganAt + (forMs ?? Number.POSITIVE_INFINITY);
  let answered = 0;
  let repeated = 0;
  let endedAt = beganAt;

  const connection = () =>
    new Promise<void>((resolve, reject) => {
      const keptOne = keptSocket(port);
      const socket: Socket = keptOne ?? connect({ port, host: '127.0.0.1', noDelay: true });
      let current: LoadRequest | undefined;
      let sentAt = 0;
      let buffered: Buffer | undefined;
      let bodyFrom = 0;
      let end = 0;
      const finish = () => {
        keep(port, socket);
        resolve();
      };
      const send = () => {
        const now = performance.now();
        current = now < endsAt ? next() : undefined;
        if (!current) {
          finish();
          return;
        }
        sentAt = now;
        socket.write(current.bytes, 'latin1');
      };
      const sendAgain = () => {
        repeated++;
        buffered = undefined;
        end = 0;
        setTimeout(() => socket.write(current!.bytes, 'latin1'), repeatAfterMs);
      };
      const fail = (why: string) => {
        socket.destroy();
        reject(new Error(`${why} to ${current?.bytes.split('\r\n', 1)[0] ?? 'nothing'}`));
      };
      if (keptOne) send();
      else socket.on('connect', send);
      socket.on('error', (error) => fail(error.message));
      socket.on('close', () => fail('The connection was closed in answer'));
      socket.on('data', (chunk: Buffer) => {
        const bytes: Buffer = buffered ? Buffer.concat([buffered, chunk]) : chunk;
        buffered = bytes;
        if (end === 0) {
          const at = bytes.indexOf(headEnd);
          if (at < 0) return;
          const head = bytes.toString('latin1', 0, at).toLowerCase();
          const lengthAt = head.indexOf('\r\ncontent-length:');
          const length = lengthAt < 0 ? 0 : Number.parseInt(head.slice(lengthAt + 17), 10);
          bodyFrom = at + 4;
          end = bodyFrom + length;
        }
        if (bytes.length < end) return;
        const status = Number(bytes.toString('latin1', 9, 12));
        if (status === 503 && repeated < leastRepeats + answered / 20) {
          sendAgain();
          return;
        }
        if (!expect.includes(status)) {
          fail(`${status} ${bytes.toString('utf8', bodyFrom, Math.min(end, bodyFrom + 300))}`);
          return;
        }
        current?.done?.(bytes.toString('utf8', bodyFrom, end), status);
        endedAt = performance.now();
        latencies.push(endedAt - sentAt);
        answered++;
        buffered = undefined;
        end = 0;
        send();
      });
    });

  let isOver = !polls;
  const poll = () => {
    if (!isOver) setImmediate(poll);
  };
  poll();
  try {
    await Promise.all(Array.from({ length: connections }, connection));
  } finally {
    isOver = true;
  }
  return { answered, elapsedMs: endedAt - beganAt, latenciesMs: Float64Array.from(latencies).sort() };
}
