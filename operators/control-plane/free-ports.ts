import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the ports an operating system gives to outgoing connections: one of these could be gone before it is bound. */
const lowest = 10_240;
const highest = 32_767;

/** Picks ports of loopback that nobody listens on. */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  while (found.size < count) {
    const port = randomInt(lowest, highest + 1);
    if (await isFree(port)) found.add(port);
  }
  return [...found];
}

function isFree(port: number): Promise<boolean> {
  // A stranger who dials just now would keep it from closing.
  const server = createServer((stranger) => stranger.destroy());
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
