import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { enter, hold } from '../buyers.ts';
import type { Lab } from '../lab.ts';
import { publishSale } from '../sales.ts';
import { median } from '../side.ts';
import { type StoreLook, usedBetween } from '../store-cpu.ts';
import type { Study } from '../study.ts';

const venue = { sections: 1, rows: 500, seatsPerRow: 100 };
const seats = venue.rows * venue.seatsPerRow;
const callsPerRound = 2000;
const connections = 192;
/** redis-benchmark puts a random number of twelve digits there, another at each place. */
const random = '__rand_int__';

const run = promisify(execFile);
const scriptText = (name: string) =>
  readFileSync(new URL(`../../../services/inventory/lua/${name}.lua`, import.meta.url), 'utf8');

/**
 * What the scripts of a hold cost Redis by redis-benchmark, which does nothing else, beside what a hold by public-api costs
 * it, by turns. Seats are drawn by lot and few are asked for twice.
 */
export const scriptsStudy: Study = {
  name: 'scripts',
  title: 'CPU of Redis for a hold: its scripts by redis-benchmark, and by public-api',
  async run(lab, plan, report) {
    const sale = await publishSale(lab, 'bench-scripts', venue);
    const bare = await publishSale(lab, 'bench-scripts-bare', venue);
    const redis = new Redis(lab.engines.redisUrl);
    try {
      const calls = await callsOf(redis, bare.eventId);
      const figures = {
        'take-cap': [] as number[],
        'place-hold': [] as number[],
        'public-api': [] as number[],
      };
      for (let round = 0; round <= plan.rounds; round++) {
        report(`scripts: round ${round} of ${plan.rounds}`);
        const buyers = sale.take(callsPerRound);
        await enter(lab, buyers);
        const used = {
          'take-cap': await usedBy(lab, () => benchmark(lab, calls.takeCap)),
          'place-hold': await usedBy(lab, () => benchmark(lab, calls.placeHold)),
          'public-api': await usedBy(lab, () => hold(lab, buyers)),
        };
        // The first fills caches.
        if (round > 0)
          for (const what of Object.keys(used) as (keyof typeof used)[]) figures[what].push(used[what]);
      }
      // redis-benchmark counts a script's refusals like answers.
      const held = Number(await redis.hget(`${sectionOf(bare.eventId)}:header`, 'held'));
      if (held < callsPerRound)
        throw new Error(`Of ${callsPerRound * (plan.rounds + 1)} calls only ${held} placed holds`);
      const us = (values: readonly number[]) => Math.round(median(values) * 10) / 10;
      const shares = figures['public-api'].map(
        (ours, index) => (figures['take-cap'][index]! + figures['place-hold'][index]!) / ours,
      );
      return [
        {
          'take-cap µs': us(figures['take-cap']),
          'place-hold µs': us(figures['place-hold']),
          'hold by public-api µs': us(figures['public-api']),
          share: Math.round(median(shares) * 100) / 100,
        },
      ];
    } finally {
      redis.disconnect();
    }
  },
};

const saleOf = (eventId: string) => `${eventId}.0`;
const sectionOf = (eventId: string) => `{${saleOf(eventId)}#0}:section:0`;

async function callsOf(redis: Redis, eventId: string) {
  const saleId = saleOf(eventId);
  const section = sectionOf(eventId);
  const replicationId = /master_replid:(\w+)/.exec(await redis.info('replication'))![1]!;
  const load = async (text: string) => (await redis.script('LOAD', text)) as string;
  const takeCap = await load(scriptText('take-cap-1'));
  const placeHold = await load(`${scriptText('section')}\n${scriptText('place-hold-6')}`);
  // As long as they are in a hold of ours: two characters for the section and sixteen by lot.
  const holdId = `AAbnch${random}`;
  const userId = `buyer-000000000000${random}`;
  const hourMs = 3_600_000;
  const inMs = (ms: number) => String(Date.now() + ms);
  const keys = ['header', 'seats', 'holders', 'holds', 'lapses', 'rows'].map((name) => `${section}:${name}`);
  return {
    takeCap: [
      takeCap,
      '1',
      `{${saleId}:0}:caps`,
      userId,
      holdId,
      '1',
      '4',
      String(hourMs),
      '0',
      inMs(6 * hourMs),
    ],
    placeHold: [
      ...[placeHold, '6', ...keys, '', replicationId, holdId, userId],
      ...[inMs(hourMs), inMs(-hourMs), inMs(6 * hourMs), random, '0', '0'],
    ],
  };
}

async function benchmark(lab: Lab, call: readonly string[]): Promise<void> {
  const { hostname, port } = new URL(lab.engines.redisUrl);
  const load = ['-c', String(connections), '-n', String(callsPerRound), '-r', String(seats), '-q'];
  await run('redis-benchmark', ['-h', hostname, '-p', port, ...load, 'EVALSHA', ...call]);
}

/** CPU of Redis for one call, microseconds. */
async function usedBy(lab: Lab, work: () => Promise<unknown>): Promise<number> {
  const before: StoreLook = await lab.stores.look();
  await work();
  return usedBetween(before, await lab.stores.look()).redisUs / callsPerRound;
}
