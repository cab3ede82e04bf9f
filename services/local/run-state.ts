import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a running `npm start` tells other commands of the same checkout: where it is and what opens its doors. */
export interface RunState {
  readonly pid: number;
  readonly url: string;
  /** Internal addresses: health, metrics, admin. */
  readonly internal: Readonly<Record<string, readonly string[]>>;
  readonly engines: {
    readonly postgresUrl: string;
    readonly redisUrl: string;
    readonly dynamodbEndpoint: string;
    readonly sqsEndpoint: string;
  };
  readonly paymentProvider: string;
}

const fileName = 'running.json';

class AlreadyRunningError extends Error {
  constructor(state: Pick<RunState, 'pid' | 'url'>) {
    super(
      `Already running at ${state.url} (process ${state.pid}). Stop it with Ctrl-C in its terminal, or start another one beside it with --dir and --port.`,
    );
  }
}

/** Takes the directory for this process; rejects, saying where it is, while another live process has it. */
export async function claimRun(dir: string, url: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  const file = join(dir, fileName);
  const claim = JSON.stringify({ pid: process.pid, url });
  for (;;) {
    try {
      await writeFile(file, claim, { flag: 'wx' });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const other = await readClaim(file);
    if (other && isAlive(other.pid)) throw new AlreadyRunningError(other);
    // Left behind by a process that was killed.
    await rm(file, { force: true });
  }
}

/** Fills in the claim once everything has its address. */
export async function publishRun(dir: string, state: RunState): Promise<void> {
  await writeFile(join(dir, fileName), JSON.stringify(state, null, 2));
}

/** Gives the directory back. */
export async function releaseRun(dir: string): Promise<void> {
  await rm(join(dir, fileName), { force: true });
}

/** The state of the runner in this directory; undefined when none runs. */
export async function readRun(dir: string): Promise<RunState | undefined> {
  const claim = await readClaim(join(dir, fileName));
  return claim && isAlive(claim.pid) && 'internal' in claim ? claim : undefined;
}

async function readClaim(file: string): Promise<RunState | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as RunState;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
