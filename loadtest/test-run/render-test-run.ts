import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Fixtures } from '../profiles/fixtures.ts';
import type { Profile } from '../profiles/profile.ts';
import { runnerBudget } from '../profiles/plan-runners.ts';

const run = promisify(execFile);
const script = fileURLToPath(new URL('../k6/main.ts', import.meta.url));
const chart = fileURLToPath(new URL('../../charts/loadtest', import.meta.url));

export interface TestRunInput {
  readonly k6: string;
  readonly helm: string;
  readonly profile: Profile;
  readonly base: string;
  readonly fixtures: Fixtures;
  readonly runners: number;
  readonly namespace: string;
  /** Files of further values, as Helm takes them. */
  readonly valueFiles: readonly string[];
}

/**
 * The manifests of a run: k6 packs scripts, fixtures and address into one archive, the chart's template takes it. Rejects
 * with what k6 or Helm has against it.
 */
export async function renderTestRun(input: TestRunInput): Promise<string> {
  const { k6, helm, profile, base, fixtures, runners, namespace, valueFiles } = input;
  const workshop = await mkdtemp(join(tmpdir(), 'onsale-test-run-'));
  try {
    const profileFile = join(workshop, 'profile.json');
    const fixturesFile = join(workshop, 'fixtures.json');
    const archive = join(workshop, 'archive.tar');
    const ownValues = join(workshop, 'values.json');
    await writeFile(profileFile, JSON.stringify(profile));
    await writeFile(fixturesFile, JSON.stringify(fixtures));
    const variables = [`PROFILE=${profileFile}`, `BASE=${base}`, `FIXTURES=${fixturesFile}`];
    await run(k6, [
      'archive',
      '--quiet',
      '--archive-out',
      archive,
      ...variables.flatMap((variable) => ['--env', variable]),
      script,
    ]);
    const { cpu, memoryMi } = runnerBudget;
    const values = {
      profile: profile.name,
      archive: (await readFile(archive)).toString('base64'),
      parallelism: runners,
      resources: { cpu: String(cpu), memoryMi },
    };
    await writeFile(ownValues, JSON.stringify(values));
    const files = [...valueFiles, ownValues].flatMap((file) => ['--values', file]);
    const { stdout } = await run(helm, ['template', 'loadtest', chart, '--namespace', namespace, ...files], {
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim();
    throw new Error(said ? `The TestRun cannot be rendered: ${said}` : 'The TestRun cannot be rendered', {
      cause: error,
    });
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}
