import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findOnPath } from './find-on-path.ts';

const run = promisify(execFile);

const deadlineMs = 180_000;
const lockRetryMs = 1_000;

/** Whether packages can be installed without asking anybody: Debian or Ubuntu, as root. */
export async function canInstallPackages(): Promise<boolean> {
  return process.getuid?.() === 0 && (await findOnPath('apt-get')) !== undefined;
}

/**
 * Installs packages by apt-get. Two processes may install at once: whoever finds a lock held waits, and looks by `isThere`
 * whether the other has done the work. Rejects with apt-get's words.
 */
export async function installDebianPackages(
  names: readonly string[],
  isThere: () => Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  const install = ['install', '-y', '--no-install-recommends', ...names];
  const steps = [install, ['update'], install];
  let step = 0;
  while (step < steps.length) {
    const args = steps[step] ?? [];
    try {
      await run('apt-get', ['-o', 'DPkg::Lock::Timeout=120', ...args], {
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
        // A large package says more than the default holds.
        maxBuffer: 64 * 1024 * 1024,
      });
      if (args[0] === 'install') return;
      step += 1;
    } catch (cause) {
      if (await isThere()) return;
      const lockHeld = /could not get lock|unable to (acquire|lock)/i.test(String(cause));
      if (lockHeld && performance.now() < deadline) {
        await delay(lockRetryMs);
      } else if (step === 0) {
        step = 1;
      } else {
        throw new Error(`apt-get ${args.join(' ')} failed`, { cause });
      }
    }
  }
}
