import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ensurePythonProgram, findPythonProgram } from '../python-program.ts';

const run = promisify(execFile);
const program = {
  name: 'cfn-lint',
  requirements: fileURLToPath(new URL('./cfn-lint-requirements.txt', import.meta.url)),
};

/** AWS's linter of CloudFormation templates, as its folder; undefined where it is not installed. */
export const findCfnLint = (): Promise<string | undefined> => findPythonProgram(program);

/** Finds it, or installs it. */
export const ensureCfnLint = (report: (line: string) => void): Promise<string> =>
  ensurePythonProgram(program, report);

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
