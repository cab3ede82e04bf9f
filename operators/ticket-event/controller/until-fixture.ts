import { setTimeout as delay } from 'node:timers/promises';

/** Looks again and again until it is so; throws after a minute. */
export async function until(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`not within a minute: ${String(isSo)}`);
    await delay(2);
  }
}
