import { appendFile, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Observation } from '../report/run-record.ts';
import type { Source } from './source.ts';

const lines = (observations: readonly Observation[]) =>
  observations.map((one) => `${JSON.stringify(one)}\n`).join('');

/** What a source says, or that it could not be read and why. */
async function readOne(source: Source, fromMs: number, toMs: number, signal: AbortSignal) {
  try {
    return await source.read({ fromMs, toMs, signal });
  } catch (error) {
    const { message, cause } = error as Error;
    const why = cause instanceof Error && cause.message !== '' ? `${message}: ${cause.message}` : message;
    return [{ atMs: toMs, kind: 'gap', source: source.name, why } as const];
  }
}

/**
 * Looks at live sources every so often and appends what they say to a file, a line of JSON each. A source that is slow to
 * answer is asked less often, and holds up no other. The result ends it.
 */
export function observe(live: readonly Source[], file: string, everyMs: number): () => Promise<void> {
  const ending = new AbortController();
  const { signal } = ending;
  const watch = async (source: Source) => {
    for (let lastMs = Date.now(); !signal.aborted; ) {
      const nowMs = Date.now();
      const seen = await readOne(source, lastMs, nowMs, signal);
      // What the end cut short is no gap.
      if (!signal.aborted) await appendFile(file, lines(seen));
      lastMs = nowMs;
      await delay(everyMs, undefined, { signal }).catch(() => undefined);
    }
  };
  const watching = live.map(watch);
  return async () => {
    ending.abort();
    await Promise.all(watching);
  };
}

/** Asks sources that keep their past for a run's whole time, and writes what they say to a file, in place of what was there. */
export async function recall(
  kept: readonly Source[],
  file: string,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Promise<void> {
  const signal = AbortSignal.timeout(60_000);
  const said = await Promise.all(kept.map((source) => readOne(source, fromMs, toMs, signal)));
  await writeFile(file, lines(said.flat()));
}
