import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const cache = join(homedir(), '.cache', 'onsale');

/** A program of PyPI with everything it needs, pinned. */
export interface PythonProgram {
  readonly name: string;
  /** Path of a requirements file that names every package with its version. */
  readonly requirements: string;
}

/** Its folder: other pins or another Python, whose compiled packages differ, are another folder. */
async function folderFor({ name, requirements }: PythonProgram): Promise<string | undefined> {
  const python = await run('python3', ['--version']).catch(() => undefined);
  if (python === undefined) return undefined;
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${python.stdout}`);
  hash.update(await readFile(requirements));
  return join(cache, `${name}-${hash.digest('hex').slice(0, 16)}`);
}

/** The folder it is installed in; undefined where it is not. */
export async function findPythonProgram(program: PythonProgram): Promise<string | undefined> {
  const folder = await folderFor(program);
  if (folder === undefined) return undefined;
  return access(folder).then(
    () => folder,
    () => undefined,
  );
}

/** Finds it, or installs the pinned packages into a folder of their own; nothing of the system's Python changes. */
export async function ensurePythonProgram(
  program: PythonProgram,
  report: (line: string) => void,
): Promise<string> {
  const found = await findPythonProgram(program);
  if (found !== undefined) return found;
  const { name, requirements } = program;
  const folder = await folderFor(program);
  if (folder === undefined) throw new Error(`${name} runs on Python, and no \`python3\` is on the PATH`);
  report(`${name}: installing it from PyPI (once)`);
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
    if ((await findPythonProgram(program)) === undefined) {
      throw new Error(`${name} could not be installed from ${basename(requirements)}`, { cause });
    }
  }
  return folder;
}
