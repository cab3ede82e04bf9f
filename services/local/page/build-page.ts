import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const script = fileURLToPath(new URL('../../web/build-page.ts', import.meta.url));

/** Where the built page lies. */
export const pageDir = fileURLToPath(new URL('../../web/dist', import.meta.url));

/** Where the built sale console lies. */
export const consoleDir = fileURLToPath(new URL('../../web/console/dist', import.meta.url));

/** Builds page and console where they are missing or their sources have changed; rejects with the bundler's words. */
export async function buildPage(): Promise<void> {
  try {
    await run(process.execPath, [script]);
  } catch (error) {
    throw new Error(`The page was not built: ${(error as { stderr?: string }).stderr ?? String(error)}`, {
      cause: error,
    });
  }
}
