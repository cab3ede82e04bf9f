import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const requirements = fileURLToPath(new URL('./cfn-lint-requirements.txt', import.meta.url));
const cache = join(homedir(), '.cache', 'onsale');

/** Its folder: other pins or another Python, whose compiled packages differ, are another folder. */
async function folderFor(): Promise<string | undefined> {
  const python = await run('python3', ['--version']).catch(() => undefined);
  if (python === undefined) return undefined;
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${python.stdout}`);
  hash.update(await readFile(requirements));
  return join(cache, `cfn-lint-${hash.digest('hex').slice(0, 16)}`);
}

/** AWS's linter of CloudFormation templates, as its folder; undefined where it is not installed. */
export async function findCfnLint(): Promise<string | undefined> {
  const folder = await folderFor();
  if (folder === undefined) return undefined;
  return access(folder).then(
    () => folder,
    () => undefined,
  );
}

/** Finds it, or installs the pinned packages into a folder of their own; nothing of the system's Python changes. */
export async function ensureCfnLint(report: (line: string) => void): Promise<string> {
  const found = await findCfnLint();
  if (found !== undefined) return found;
  const folder = await folderFor();
  if (folder === undefined) throw new Error('cfn-lint runs on Python, and no `python3` is on the PATH');
  report('cfn-lint: installing it from PyPI (once)');
  await mkdir(cache, { recursive: true });
  const fresh = await mkdtemp(`${folder}.`);
  const install = [
    ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-compile', '--no-deps'],
    ...['--only-binary=:all:', '--target', fresh, '--requirement', requirements],
  ];
  try {
    await run('python3', install, { maxBuffer: 16 * 1024 * 1024 });
    await rename(fresh, folder);
  } catch (cause) {
    await rm(fresh, { recursive: true, force: true });
    // Another process was first.
    if ((await findCfnLint()) === undefined) throw new Error('cfn-lint could not be installed', { cause });
  }
  return folder;
}

/** Lints templates; resolves with what it says against them, which is nothing when they are clean. */
export async function cfnLint(
  folder: string,
  options: readonly string[],
  files: readonly string[],
): Promise<string> {
  // Its script names the Python and the folder it was installed with.
  const command = [
    `PYTHONPATH=${folder}`,
    'python3',
    join(folder, 'bin', 'cfn-lint'),
    ...options,
    '--',
    ...files,
  ];
  return run('env', command, { maxBuffer: 16 * 1024 * 1024 }).then(
    ({ stdout }) => stdout,
    ({ stdout, message }: { stdout?: string; message: string }) => stdout || message,
  );
}
