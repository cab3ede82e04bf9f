import { type Behaviour, strategies, type Strategy } from './behaviour.ts';

/** Reads `strategy=parts` pairs; undefined when one is malformed or all parts are 0. */
export function parseMix(pairs: readonly string[]): Behaviour['mix'] | undefined {
  const mix: Partial<Record<Strategy, number>> = {};
  for (const pair of pairs) {
    const [name, parts = ''] = pair.split('=');
    const strategy = strategies.find((one) => one === name);
    if (!strategy || !/^[0-9]{1,3}$/.test(parts)) return undefined;
    mix[strategy] = Number(parts);
  }
  return Object.values(mix).some((parts) => parts > 0) ? mix : undefined;
}
