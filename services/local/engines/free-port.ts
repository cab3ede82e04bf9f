import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Ports below those an operating system gives to outgoing connections: one of these could be gone before it is bound. */
const LOWEST_PORT = 10_240;
const HIGHEST_PORT = 32_767;
const CLUSTER_BUS_OFFSET = 10_000;
const ATTEMPTS = 50;

async function bind(port: number): Promise<Server> {
  // A stranger who dials just now would keep it from closing.
  const server = createServer((stranger) => stranger.destroy());
  server.listen({ port, host: '127.0.0.1', exclusive: true });
  await once(server, 'listening');
  return server;
}

async function release(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

/** A stack asks for a dozen at once: one may be offered again before whoever asked first has bound it. */
const picked = new Set<number>();

/**
 * Picks a port nobody listens on, and never the same one twice. Another process can take it before the engine binds it, so
 * callers retry on PortTakenError.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST_PORT, HIGHEST_PORT + 1);
    if (picked.has(port) || !(await isPortFree(port))) continue;
    picked.add(port);
    return port;
  }
}

/** Says whether a port on loopback can be bound right now. */
export async function isPortFree(port: number): Promise<boolean> {
  try {
    await release(await bind(port));
    return true;
  } catch {
    return false;
  }
}

/**
 * Picks distinct ports for cluster nodes. A node's cluster bus listens 10,000 above its port (the `cluster-port` setting
 * would lift that, but only newer servers have it), so both must be free and within range.
 */
export async function freeClusterPorts(count: number): Promise<number[]> {
  const held: Server[] = [];
  const ports: number[] = [];
  try {
    for (let attempt = 0; ports.length < count; attempt += 1) {
      if (attempt === ATTEMPTS * count)
        throw new Error(`found no ${count} free ports with a free cluster bus port each`);
      const port = randomInt(LOWEST_PORT, HIGHEST_PORT - CLUSTER_BUS_OFFSET + 1);
      try {
        held.push(await bind(port));
        held.push(await bind(port + CLUSTER_BUS_OFFSET));
      } catch {
        continue;
      }
      ports.push(port);
    }
    return ports;
  } finally {
    await Promise.all(held.map(release));
  }
}
