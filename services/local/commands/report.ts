import { resolve } from 'node:path';
import type { Command } from 'commander';
import { createLogger } from '@onsale/platform/logger';
import { createPostgres } from '@onsale/platform/postgres';
import { createRedis, redisReady } from '@onsale/platform/redis';
import { readSale } from '@onsale/report/read-sale';
import { readReport, writeReport } from '@onsale/report/report-files';
import { verifyReport } from '@onsale/report/verify-report';
import type { CommandContext } from './command-context.ts';

interface ReportOptions {
  readonly out?: string;
  readonly round?: string;
  readonly postgres?: string;
  readonly redis?: string;
  readonly redisCluster: boolean;
}

const namedDifferences = 5;

/** `report <eventId>`: writes a sale's report; `report verify <dir>`: checks one without any database. */
export function addReportCommand(program: Command, context: CommandContext): void {
  const report = program.command('report').description('the report of a sale, and its verification');

  report
    .command('write <eventId>', { isDefault: true })
    .description('write report.html, report.json and data/; again writes it anew')
    .requiredOption('--out <dir>', 'directory of the report')
    .option('--round <n>', 'round of a practice event (default: the latest that opened)')
    .option('--postgres <url>', 'PostgreSQL (default: $POSTGRES_URL, else the local runner’s)')
    .option('--redis <url>', 'Redis, for the places (default: $REDIS_URL, else the local runner’s)')
    .option('--redis-cluster', 'Redis is a cluster', false)
    .action(async (eventId: string, options: ReportOptions) => {
      const round = options.round === undefined ? undefined : Number(options.round);
      if (round !== undefined && !(Number.isSafeInteger(round) && round >= 0)) {
        throw new Error(`--round ${options.round} is no round: rounds are counted from 0`);
      }
      const postgresUrl =
        options.postgres ?? process.env['POSTGRES_URL'] ?? (await context.localRun()).engines.postgresUrl;
      const redisUrl =
        options.redis ?? process.env['REDIS_URL'] ?? (await context.localRun()).engines.redisUrl;
      const logger = createLogger('report', 'error');
      const pool = createPostgres({ url: postgresUrl, maxConnections: 1, applicationName: 'report' }, logger);
      const redis = createRedis({ url: redisUrl, cluster: options.redisCluster }, logger);
      try {
        await redisReady(redis, 10_000);
        const report = await readSale({ pool, redis }, { eventId, round, nowMs: Date.now() });
        const dir = resolve(options.out!);
        const digest = await writeReport(dir, report);
        console.log(`Report of ${report.document.sale.saleId}: ${dir}/report.html`);
        console.log(`Digest, to be kept elsewhere: ${digest}`);
      } finally {
        redis.disconnect();
        await pool.end();
      }
    });

  report
    .command('verify <dir>')
    .description('recheck draw, tickets, money and sums of a report; exits 1 when anything differs')
    .option('--digest <hex>', 'the digest noted when the report was written')
    .action(async (dir: string, { digest }: { digest?: string }) => {
      const stored = await readReport(resolve(dir));
      let failed = digest !== undefined && digest !== stored.digest;
      if (failed) console.log(`FAILED  the digest: noted ${digest}, found ${stored.digest}`);
      for (const { name, looked, differences } of verifyReport(stored)) {
        failed ||= differences.length > 0;
        console.log(`${differences.length > 0 ? 'FAILED' : 'ok    '}  ${name} (${looked})`);
        for (const difference of differences.slice(0, namedDifferences))
          console.log(`          ${difference}`);
        const rest = differences.length - namedDifferences;
        if (rest > 0) console.log(`          and ${rest} more`);
      }
      if (failed) throw new Error('The report does not hold.');
      console.log(`The report holds. Digest: ${stored.digest}`);
    });
}
