import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { findActionlint } from './actionlint.ts';

t.setTimeout(120_000);

t.test('workflows are what GitHub understands', async (t) => {
  const actionlint = await findActionlint();
  if (actionlint === undefined) throw new Error('actionlint is missing: npm run setup');
  // shellcheck and pyflakes may or may not be on a machine; steps hold no logic they would find fault with.
  const flags = ['-shellcheck=', '-pyflakes=', '-no-color'];
  t.doesNotThrow(() =>
    execFileSync(actionlint, flags, {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      encoding: 'utf8',
    }),
  );
});
