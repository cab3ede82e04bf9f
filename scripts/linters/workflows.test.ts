import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { profiles } from '@onsale/cluster-cdk/lib/profile/profile';
import t from 'tap';
import { parse } from 'yaml';

interface Step {
  readonly uses?: string;
  readonly run?: string;
}
interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: unknown;
  readonly jobs: Readonly<
    Record<string, { readonly steps: readonly Step[]; readonly 'timeout-minutes'?: number }>
  >;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(`${root}/${path}`, 'utf8');
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
const workflows = globSync('.github/workflows/*.yml', { cwd: root }).map(
  (path) => [path, parse(read(path)) as Workflow] as const,
);

t.test(
  'workflows run commands of the repository, each with a limit, few rights and pinned actions',
  async (t) => {
    t.ok(workflows.length >= 3);
    for (const [path, { permissions, concurrency, jobs }] of workflows) {
      t.same(permissions, { contents: 'read' }, `${path}: nothing more, but where a job says so`);
      t.ok(concurrency, path);
      for (const [name, job] of Object.entries(jobs)) {
        t.ok(job['timeout-minutes'], `${path} ${name} ends`);
        for (const { uses, run = '' } of job.steps) {
          if (uses !== undefined)
            t.match(uses, /^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/, `${uses}: a tag can be moved`);
          t.notMatch(run, /\n|\b(if|for|while)\b/, 'logic belongs into a command that can be tested');
          const [, script, workspace] = /^npm run ([\w:]+)(?:.* -w ([\w/-]+))?/.exec(run) ?? [];
          if (script === undefined) continue;
          const known =
            workspace === undefined
              ? scripts
              : (JSON.parse(read(`${workspace}/package.json`)) as { scripts: Record<string, string> })
                  .scripts;
          t.ok(known[script], `${path}: npm run ${script}`);
        }
      }
    }
  },
);

t.test(
  'what is delivered is what was built for all Regions and scanned, once no sale is under way',
  async (t) => {
    const text = read('.github/workflows/deliver.yml');
    const steps = (parse(text) as Workflow).jobs['release']!.steps.map(({ run = '' }) => run);
    const at = (command: string) => steps.findIndex((run) => run.startsWith(`npm run ${command}`));
    const order = [
      'cloud -- guard',
      'cloud -- outputs',
      'images -- "$TAG"',
      'rollout -- release "$TAG"',
      'cloud -- page',
    ];
    const places = order.map(at);
    t.ok(!places.includes(-1) && places.every((place, index) => index === 0 || place > places[index - 1]!));
    for (const { name, regions } of [profiles.staging, profiles.production])
      for (const region of regions) t.match(text, `--outputs dist/outputs-${name}-${region}.json`);
  },
);
