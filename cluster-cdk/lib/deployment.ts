import type { App } from 'aws-cdk-lib';
import { Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { DataStack } from './data-stack.ts';
import { NetworkStack } from './network-stack.ts';
import { readSettings } from './profile/context.ts';
import { regions } from './profile/region.ts';

/** Builds every stack of the profile that the context names, and has each checked by the AwsSolutions rules. */
export function addDeployment(app: App): void {
  const settings = readSettings(app.node.getAllContext() as Record<string, unknown>);
  const { profile } = settings;
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  Tags.of(app).add('onsale:profile', profile.name);
  for (const name of profile.regions) {
    const region = regions[name];
    const common = (part: string) => ({
      stackName: `onsale-${profile.name}-${part}`,
      env: { region: name },
    });
    const stateful = (part: string) => ({ ...common(part), terminationProtection: profile.protectsData });
    const network = new NetworkStack(app, `${name}-network`, { ...stateful('network'), profile, region });
    new DataStack(app, `${name}-data`, { ...stateful('data'), profile, network });
  }
}
