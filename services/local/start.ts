import { readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TicketEvent } from '@onsale/contracts/ticket-event/ticket-event';
import { Command, InvalidArgumentError } from 'commander';
import { describeExit } from './engines/engine-process.ts';
import { publishTicketEvent } from './admin-client.ts';
import { startLocalStack, type LocalStack } from './local-stack.ts';
import { localSecrets } from './local-secrets.ts';
import { buildPage, consoleDir } from './page/build-page.ts';
import { serveConsole, type ServedConsole } from './page/serve-console.ts';
import { readTicketEvent } from './read-ticket-event.ts';
import { claimRun, publishRun, releaseRun } from './run-state.ts';
import { saleStatusText } from './sale-status.ts';
import { startBots } from './start-bots.ts';
import { createStatusLine } from './status-line.ts';

const here = dirname(fileURLToPath(import.meta.url));
const samples = join(here, 'samples');
const consolePort = 8090;

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 65_535) {
    throw new InvalidArgumentError('a port is 1 to 65535');
  }
  return value;
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 16) throw new InvalidArgumentError('1 to 16');
  return value;
}

function botCount(text: string): number {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || value > 2000) throw new InvalidArgumentError('0 to 2000');
  return value;
}

const program = new Command('npm start --')
  .description('Plays a whole on-sale on this machine: engines, services, one address, one sale.')
  // The unseated one first: it is the event number 1 that existing clients of /api ask for.
  .argument('[event...]', 'TicketEvent files to publish', [
    join(samples, 'ga-0001.yaml'),
    join(samples, 'event-0001.yaml'),
  ])
  .option('--port <port>', 'port of the one address', port, 8080)
  .option('--bots <n>', 'bots that compete in each round of practice events; 0 for none', botCount, 20)
  .option('--keep', 'keep data over restarts (in <dir>/data)', false)
  .option('--replicas <n>', 'replicas of each service', positive, 1)
  .option('--dir <dir>', 'where logs and kept data go', '.onsale')
  .addHelpText(
    'after',
    `\nSamples: ${readdirSync(samples)
      .map((file) => relative(process.cwd(), join(samples, file)))
      .join(', ')}`,
  )
  .parse();
const options = program.opts<{
  port: number;
  bots: number;
  keep: boolean;
  replicas: number;
  dir: string;
}>();
/** Whoever asks for bots and names no event wants something they can play. */
const files = [
  ...(program.processedArgs[0] as string[]),
  ...(program.args.length === 0 && program.getOptionValueSource('bots') === 'cli' && options.bots > 0
    ? [join(samples, 'practice.yaml')]
    : []),
];
const dir = resolve(options.dir);
const status = createStatusLine(process.stdout);

let stack: LocalStack | undefined;
let bots: Awaited<ReturnType<typeof startBots>> | undefined;
let saleConsole: ServedConsole | undefined;
let stopping: Promise<void> | undefined;
let claimed = false;

/** A collector named in the environment is passed on: the services trace to it. */
function tracingSettings(): Record<string, string> {
  const names = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'TRACE_SAMPLE_RATIO', 'TRACE_FORMAT'];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value ? [[name, value]] : [];
    }),
  );
}

/** Ends the process once everything has stopped; the second Ctrl-C does not wait. */
function stop(exitCode: number): void {
  if (stopping) {
    if (exitCode === 130) process.exit(130);
    return;
  }
  stopping = (async () => {
    clearInterval(refresh);
    status.end();
    status.print('Stopping');
    await saleConsole?.close();
    await bots?.stop();
    await stack?.stop();
    if (claimed) await releaseRun(dir);
    status.print('Stopped; nothing is left running.');
    process.exit(exitCode);
  })();
}

/** The sale console on a port of its own: the one bookmarks know, or any free one beside another runner. */
async function serveConsoleOf(running: LocalStack): Promise<ServedConsole> {
  const served = { dir: consoleDir, adminUrl: () => running.internalUrl('public-api') };
  return serveConsole({ ...served, port: consolePort }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    return serveConsole({ ...served, port: 0 });
  });
}

let refresh: NodeJS.Timeout | undefined;
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // While still starting, the start itself notices and takes everything down again.
    if (!stack && !interrupted) {
      interrupted = true;
      status.print('Stopping as soon as what is starting has started');
      return;
    }
    stop(signal === 'SIGINT' ? 130 : 0);
  });
}

// npm passes a signal on to its shell, which dies of it and tells nobody: whoever loses npm stops as well.
const parent = process.ppid;
if (process.env['npm_lifecycle_event'] !== undefined) {
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.emit('SIGTERM', 'SIGTERM');
  }, 500).unref();
}

try {
  const startedAt = performance.now();
  const url = `http://127.0.0.1:${options.port}`;
  await claimRun(dir, url);
  claimed = true;
  // Beside the engines' start; without a page the API is as good as ever.
  const pageBuilt = buildPage().catch((error: Error) => status.print(error.message));
  stack = await startLocalStack({
    port: options.port,
    dir,
    keep: options.keep,
    replicas: options.replicas,
    environment: tracingSettings(),
    report: (line) => status.print(line),
    onUnexpectedExit: (exit, part) => {
      if (stopping) return;
      status.print(`${describeExit(exit)}`);
      status.print(
        `${part} is gone, the sale cannot go on. Logs: ${relative(process.cwd(), join(dir, 'logs'))}`,
      );
      stop(1);
    },
  });
  const running = stack;
  if (interrupted) {
    stop(130);
  } else {
    const adminUrl = running.internalUrl('public-api');
    const admin = { url: adminUrl, token: localSecrets.adminToken };
    const eventIds: string[] = [];
    let isPractice = false;
    for (const file of files) {
      const ticketEvent = await readTicketEvent(file, Date.now());
      const published = await publishTicketEvent(admin, ticketEvent);
      eventIds.push(published.eventId);
      isPractice ||= (ticketEvent as TicketEvent).spec.sale.windows !== undefined;
      status.print(`Published ${published.eventId} from ${relative(process.cwd(), resolve(file))}`);
    }
    if (isPractice && options.bots > 0) {
      bots = await startBots({
        stack: running,
        count: options.bots,
        logDir: join(dir, 'logs'),
        onExit: (exit) => {
          if (!stopping) status.print(`${describeExit(exit)}\nThe bots are gone; the sale goes on.`);
        },
      });
    }
    const internal: Record<string, string[]> = Object.fromEntries(
      [...running.replicas].map(([name, group]) => [name, group.map((replica) => replica.internalUrl)]),
    );
    if (bots) internal['bots'] = [bots.internalUrl];
    await publishRun(dir, {
      pid: process.pid,
      url: running.url,
      internal,
      engines: {
        postgresUrl: running.engines.postgresUrl,
        redisUrl: running.engines.redisUrl,
        dynamodbEndpoint: running.engines.dynamodbEndpoint,
        sqsEndpoint: running.engines.sqsEndpoint,
      },
      paymentProvider: running.paymentProviderUrl,
    });
    await pageBuilt;
    saleConsole = await serveConsoleOf(running);
    status.print(`
Up in ${((performance.now() - startedAt) / 1000).toFixed(1)} s. Ctrl-C stops everything.

  page                ${running.url}/
  sale console        ${saleConsole.url}/  (admin token: ${localSecrets.adminToken})
  API                 ${running.url}
  docs                ${running.url}/public/docs  /confirm/docs  /api/docs
  payment provider    ${running.paymentProviderUrl}${bots ? `\n  bots                ${options.bots} in each practice round; npm run onsale -- bots off` : ''}
  internal            ${[...running.replicas].map(([name, group]) => `${name} ${group[0]!.internalUrl}`).join('\n                      ')}
  logs                ${relative(process.cwd(), join(dir, 'logs')) || '.'}
`);
    const update = async () => {
      status.show(await saleStatusText(admin, eventIds.toReversed()));
    };
    refresh = setInterval(() => void update().catch(() => undefined), 1000);
    await update();
  }
} catch (error) {
  status.end();
  status.print(error instanceof Error ? error.message : String(error));
  if (!stopping) {
    await bots?.stop();
    await stack?.stop();
    if (claimed) await releaseRun(dir);
    process.exit(1);
  }
}
