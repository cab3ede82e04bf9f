import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

/**
 * Runs a program of node_modules/.bin or PATH in the root and gives what it printed when it failed, else nothing. It runs
 * in the background as far as keys are concerned; a signal to this process's group reaches it too.
 */
export async function runProgram(root: string, command: string, ...args: string[]): Promise<string> {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (cause) => reject(new Error(`${command} could not be started`, { cause })));
    child.once('close', resolve);
  });
  if (code === 0) return '';
  const printed = (await output).join('').trim();
  return printed === '' ? `${command} ended with code ${code}` : printed;
}
