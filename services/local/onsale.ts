import { resolve } from 'node:path';
import { Command } from 'commander';
import { verifyDraw } from '@onsale/waiting-room/draw-verify';
import { createCommitQueue } from '@onsale/orders/commit-queue';
import { redrive } from '@onsale/orders/redrive';
import { issueLocalToken } from '@onsale/platform/identity/issue-local-token';
import { createSqs } from '@onsale/platform/sqs';
import { planReport, planTable } from '@onsale/ticket-event-operator/plan/plan-report';
import type { TicketEventResource } from '@onsale/ticket-event-operator/plan/ticket-event-resource';
import { type AdminAddress, callAdmin, publishTicketEvent } from './admin-client.ts';
import { addBotsCommand } from './commands/bots.ts';
import { addBuyerCommand } from './commands/buyer.ts';
import { addCancelEventCommand } from './commands/cancel-event.ts';
import type { CommandContext } from './commands/command-context.ts';
import { addRehearseCommand } from './commands/rehearse.ts';
import { addGateCommand } from './commands/gate.ts';
import { addReportCommand } from './commands/report.ts';
import { localSecrets } from './local-secrets.ts';
import { readTicketEvent } from './read-ticket-event.ts';
import { readRun } from './run-state.ts';

const program = new Command('npm run onsale --')
  .description(
    'Runs a sale from the command line: against the local runner, or any deployment named by options.',
  )
  .option('--dir <dir>', 'state directory of the local runner', '.onsale')
  .option('--admin <url>', 'internal address of public-api (default: the local runner’s)')
  .option('--admin-token <token>', 'its admin token (default: $ONSALE_ADMIN_TOKEN, else the local runner’s)');

async function localRun() {
  const run = await readRun(resolve(program.opts<{ dir: string }>().dir));
  if (!run)
    throw new Error('No local runner found: start one with npm start, or name the deployment by options.');
  return run;
}

const adminToken = () =>
  program.opts<{ adminToken?: string }>().adminToken ??
  process.env['ONSALE_ADMIN_TOKEN'] ??
  localSecrets.adminToken;

async function admin(): Promise<AdminAddress> {
  const url = program.opts<{ admin?: string }>().admin?.replace(/\/$/, '');
  return { url: url ?? (await localRun()).internal['public-api']![0]!, token: adminToken() };
}

const print = (value: unknown) => console.log(JSON.stringify(value, null, 2));

program
  .command('publish <file...>')
  .description('publish TicketEvent files; repeating it changes nothing')
  .action(async (files: string[]) => {
    for (const file of files) {
      print(await publishTicketEvent(await admin(), await readTicketEvent(file, Date.now())));
    }
  });

program
  .command('render <file>')
  .description('a TicketEvent file with its relative instants filled in, for kubectl apply -f -')
  .action(async (file: string) => print(await readTicketEvent(file, Date.now())));

program
  .command('plan <file...>')
  .description('what the operator would warm for these TicketEvents together, and when; no cluster needed')
  .option('--json', 'as JSON', false)
  .action(async (files: string[], { json }: { json: boolean }) => {
    const nowMs = Date.now();
    const resources = await Promise.all(files.map((file) => readTicketEvent(file, nowMs)));
    const planned = planReport(resources as TicketEventResource[]);
    if (planned.outcome === 'invalid') throw new Error(planned.problems.join('\n'));
    if (json) print(planned.report);
    else console.log(planTable(planned.report));
  });

program
  .command('events')
  .description('the published TicketEvents')
  .action(async () => print(await callAdmin(await admin(), 'GET', '/admin/ticket-events')));

program
  .command('status <eventId>')
  .description('the funnel of the current sale')
  .action(async (eventId: string) =>
    print(await callAdmin(await admin(), 'GET', `/admin/sales/${eventId}/status`)),
  );

for (const [name, description] of [
  ['pause', 'stop admission; who is in may go on'],
  ['resume', 'admit again at the planned rate'],
] as const) {
  program
    .command(`${name} <eventId>`)
    .description(description)
    .action(async (eventId: string) =>
      print(await callAdmin(await admin(), 'POST', `/admin/sales/${eventId}/${name}`)),
    );
}

program
  .command('rate <eventId> <perSecond>')
  .description('admit this many buyers a second from now on')
  .action(async (eventId: string, perSecond: string) =>
    print(
      await callAdmin(await admin(), 'POST', `/admin/sales/${eventId}/rate`, {
        ratePerSecond: Number(perSecond),
      }),
    ),
  );

program
  .command('token <userId>')
  .description('a bearer token for /api, signed with the local runner’s key')
  .option('--role <role...>', 'buyer, operator', ['buyer', 'operator'])
  .option('--ttl <seconds>', 'how long it is valid', '86400')
  .action(async (userId: string, { role, ttl }: { role: string[]; ttl: string }) => {
    console.log(
      await issueLocalToken({ userId, roles: role, key: localSecrets.jwtKey, ttlSeconds: Number(ttl) }),
    );
  });

program
  .command('draw')
  .description('the draw of the early arrivals')
  .command('verify')
  .description(
    'recompute a place from the published seed, and check the seed against the hash published before',
  )
  .requiredOption('--event <eventId>', 'the event')
  .option('--base <url>', 'the deployment (default: the local runner)')
  .option('--index <n...>', 'join indexes, as enter answered them (default: the first ten)')
  .option('--seed-hash <hex>', 'the hash you noted before opening (default: as published now)')
  .action(async (options: { event: string; base?: string; index?: string[]; seedHash?: string }) => {
    const base = options.base?.replace(/\/$/, '') ?? (await localRun()).url;
    const answer = await fetch(`${base}/public/room/${encodeURIComponent(options.event)}`);
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    const { saleId, draw } = (await answer.json()) as {
      saleId: string;
      draw: { seedHash: string; seed: string | null; cohort: number | null; beacon: string | null };
    };
    const { seed, cohort } = draw;
    if (seed === null || cohort === null) {
      throw new Error(
        `${saleId} is not drawn yet. Note the seed hash now and compare later: ${draw.seedHash}`,
      );
    }
    const indexes = (options.index ?? Array.from({ length: Math.min(10, cohort) }, (_, index) => index)).map(
      Number,
    );
    console.log(`${saleId}: ${cohort} places drawn, seed ${seed}`);
    for (const joinIndex of indexes) {
      const seedHash = options.seedHash ?? draw.seedHash;
      const verdict = verifyDraw({ seedHash, seed, cohort, beacon: draw.beacon, joinIndex });
      switch (verdict.outcome) {
        case 'drawn':
          console.log(`join index ${joinIndex} → place ${verdict.place}`);
          break;
        case 'behind-cohort':
          console.log(`join index ${joinIndex} → place ${verdict.place} (arrived after the draw)`);
          break;
        case 'seed-differs':
          throw new Error(
            `Not as published: the seed's hash is ${verdict.actualHash}, promised was ${seedHash}`,
          );
        case 'malformed':
          throw new Error(verdict.problem);
        case 'not-sealed':
          throw new Error(`${saleId} is not drawn yet`);
      }
    }
    console.log('The seed matches its hash.');
  });

program
  .command('redrive')
  .description('put dead-lettered commits back on the commit queue; see the runbook for when')
  .option('--dry-run', 'list them with their reasons, move nothing', false)
  .option('--limit <n>', 'at most this many', '1000')
  .option('--region <region>', 'AWS Region of a deployment (default: the local runner)')
  .option('--queue <name>', 'name of the commit queue', 'onsale-commits')
  .action(async (options: { dryRun: boolean; limit: string; region?: string; queue: string }) => {
    const endpoint = options.region ? undefined : (await localRun()).engines.sqsEndpoint;
    const sqs = createSqs({ region: options.region ?? 'ap-northeast-1', endpoint });
    const queue = await createCommitQueue(sqs, options.queue);
    print(await redrive({ sqs, ...queue, dryRun: options.dryRun, limit: Number(options.limit) }));
    sqs.destroy();
  });

const context: CommandContext = { localRun, admin, adminToken };
addBotsCommand(program, context);
addRehearseCommand(program, context);
addBuyerCommand(program, context);
addCancelEventCommand(program, context);
addGateCommand(program, context);
addReportCommand(program, context);

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
