import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { addDeployment } from './deployment.ts';
import type { ProfileName } from './profile/profile.ts';

export interface Synthesized {
  /** Templates by stack id, what depends on the CDK's release left out. */
  readonly templates: ReadonlyMap<string, object>;
  /** Findings of the AwsSolutions rules that nobody acknowledged, as rule and construct. */
  readonly findings: readonly string[];
}

interface Report {
  readonly pluginReports?: readonly {
    readonly violations?: readonly {
      readonly ruleName: string;
      readonly severity?: string;
      readonly violatingConstructs?: readonly { readonly constructPath?: string }[];
    }[];
  }[];
}

/** The most a deployment has: with delivery, alarms by mail and people's roles. */
const sample = {
  githubRepository: 'example/onsale',
  alarmEmail: 'oncall@tickets.example',
  operatorRoleArn: 'arn:aws:iam::111122223333:role/sale-operators',
  performanceRoleArn: 'arn:aws:iam::111122223333:role/performance',
};

/** Synthesizes a profile in this process, without credentials and without a look-up. */
export function synthesize(profile: ProfileName): Synthesized {
  const outdir = mkdtempSync(join(tmpdir(), 'onsale-cdk-'));
  const { context } = JSON.parse(readFileSync(new URL('../cdk.json', import.meta.url), 'utf8')) as {
    context: Record<string, unknown>;
  };
  try {
    const app = new App({ outdir, analyticsReporting: false, context: { ...context, ...sample, profile } });
    addDeployment(app);
    const assembly = app.synth();
    const templates = new Map(
      assembly.stacks.map((stack) => [stack.id, withoutRelease(stack.template as object)]),
    );
    const report = JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8')) as Report;
    const findings = (report.pluginReports ?? []).flatMap(({ violations = [] }) =>
      violations
        .filter(({ severity }) => severity !== 'warning')
        .flatMap(({ ruleName, violatingConstructs = [] }) =>
          violatingConstructs.map(({ constructPath = '' }) => `${ruleName} at ${constructPath}`),
        ),
    );
    return { templates, findings };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** Hashes of the CDK's own functions and the bootstrap check change with its releases; nothing of ours does. */
function withoutRelease(template: object): object {
  const { Rules: _rules, ...rest } = template as Record<string, unknown>;
  const { BootstrapVersion: _version, ...parameters } = (rest['Parameters'] ?? {}) as Record<string, unknown>;
  const text = JSON.stringify({ ...rest, Parameters: parameters });
  return JSON.parse(text.replace(/[0-9a-f]{64}(?=\.zip)/g, 'asset')) as object;
}
