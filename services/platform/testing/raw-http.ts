import { connect, type Socket } from 'node:net';

/** A connection on which a test says exactly which bytes travel. */
export interface RawConnection {
  readonly socket: Socket;
  send(bytes: string): void;
  /** Everything received so far. */
  received(): string;
  /** Resolves when what was received matches; rejects when the connection ends before, or after the deadline. */
  until(pattern: RegExp, deadlineMs?: number): Promise<string>;
  /** Resolves with everything received once the other side has closed. */
  closed(deadlineMs?: number): Promise<string>;
  end(): void;
}

/** Opens a {@link RawConnection} to a loopback port. */
export async function openRawConnection(port: number): Promise<RawConnection> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  let isClosed = false;
  const watchers = new Set<() => void>();
  const tell = () => {
    for (const watcher of watchers) watcher();
  };
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    tell();
  });
  socket.on('close', () => {
    isClosed = true;
    tell();
  });
  socket.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });

  const wait = (isDone: () => boolean, deadlineMs: number) =>
    new Promise<string>((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        watchers.delete(check);
        settle();
      };
      const check = () => {
        if (isDone()) finish(() => resolve(text));
        else if (isClosed) finish(() => reject(new Error(`closed after: ${text.slice(0, 300)}`)));
      };
      const timer = setTimeout(
        () =>
          finish(() =>
            reject(new Error(`nothing of the kind within ${deadlineMs} ms: ${text.slice(0, 300)}`)),
          ),
        deadlineMs,
      );
      watchers.add(check);
      check();
    });

  return {
    socket,
    send: (bytes) => void socket.write(bytes),
    received: () => text,
    until: (pattern, deadlineMs = 30_000) => wait(() => pattern.test(text), deadlineMs),
    closed: (deadlineMs = 30_000) => wait(() => isClosed, deadlineMs),
    end: () => socket.destroy(),
  };
}
