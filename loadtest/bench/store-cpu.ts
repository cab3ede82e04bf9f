import { Redis } from 'ioredis';
import pg from 'pg';
import { cpuTimeUs } from './processor.ts';

/** CPU time so far of Redis and of each of PostgreSQL's processes, microseconds. */
export interface StoreLook {
  readonly redisUs: number;
  readonly postgresUs: ReadonlyMap<number, number>;
}

/** What the stores use; DynamoDB and SQS are Amazon's, and cost by the call. */
export interface StoreMeter {
  look(): Promise<StoreLook>;
  close(): Promise<void>;
}

export async function openStoreMeter(engines: {
  readonly redisUrl: string;
  readonly postgresUrl: string;
}): Promise<StoreMeter> {
  const redis = new Redis(engines.redisUrl);
  const postgres = new pg.Client({ connectionString: engines.postgresUrl });
  await postgres.connect();
  return {
    async look() {
      const info = await redis.info('cpu');
      const seconds = (field: string) => Number(new RegExp(`^${field}:([\\d.]+)`, 'm').exec(info)![1]);
      const { rows } = await postgres.query<{ pid: number }>('select pid from pg_stat_activity');
      return {
        redisUs: (seconds('used_cpu_sys') + seconds('used_cpu_user')) * 1e6,
        postgresUs: new Map(
          rows.flatMap(({ pid }): [number, number][] => {
            try {
              return [[pid, cpuTimeUs(pid)]];
            } catch {
              // A connection that was closed between the two looks.
              return [];
            }
          }),
        ),
      };
    },
    async close() {
      redis.disconnect();
      await postgres.end();
    },
  };
}

/** What was used between two looks, of PostgreSQL by the processes that are in the second. */
export function usedBetween(
  before: StoreLook,
  after: StoreLook,
): { readonly redisUs: number; readonly postgresUs: number } {
  let postgresUs = 0;
  for (const [pid, us] of after.postgresUs) postgresUs += us - (before.postgresUs.get(pid) ?? 0);
  return { redisUs: after.redisUs - before.redisUs, postgresUs };
}
