import { setTimeout as delay } from 'node:timers/promises';

/** Asks until the answer is not undefined; throws what was awaited after so many seconds. */
export async function until<T>(what: string, seconds: number, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${seconds} s`);
    await delay(100);
  }
}
