import type { App } from 'aws-cdk-lib';
import { Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { DataStack } from './data-stack.ts';
import { ClusterStack } from './cluster-stack.ts';
import { DeliveryStack } from './delivery-stack.ts';
import { EdgeStack } from './edge-stack.ts';
import { EntryStack } from './entry-stack.ts';
import { FirewallStack } from './firewall-stack.ts';
import { ImagesStack } from './images-stack.ts';
import { NetworkStack } from './network-stack.ts';
import { ObservationStack } from './observation-stack.ts';
import { readSettings } from './profile/context.ts';
import { regions } from './profile/region.ts';

/** Builds every stack of the profile that the context names, and has each checked by the AwsSolutions rules. */
export function addDeployment(app: App): void {
  const settings = readSettings(app.node.getAllContext() as Record<string, unknown>);
  const { profile } = settings;
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  Tags.of(app).add('onsale:profile', profile.name);
  const firewall = new FirewallStack(app, 'firewall', {
    stackName: `onsale-${profile.name}-firewall`,
    env: { region: 'us-east-1' },
    crossRegionReferences: true,
    profile,
  });
  const delivery =
    settings.githubRepository === undefined
      ? undefined
      : new DeliveryStack(app, 'delivery', {
          stackName: `onsale-${profile.name}-delivery`,
          env: { region: profile.regions[0]! },
          profile,
          repository: settings.githubRepository,
          environment: settings.githubEnvironment ?? profile.name,
        });
  for (const name of profile.regions) {
    const region = regions[name];
    const common = (part: string) => ({
      stackName: `onsale-${profile.name}-${part}`,
      env: { region: name },
    });
    const stateful = (part: string) => ({ ...common(part), terminationProtection: profile.protectsData });
    const network = new NetworkStack(app, `${name}-network`, { ...stateful('network'), profile, region });
    const data = new DataStack(app, `${name}-data`, { ...stateful('data'), profile, network });
    new ImagesStack(app, `${name}-images`, { ...stateful('images'), profile });
    const entry = new EntryStack(app, `${name}-entry`, { ...common('entry'), profile, network });
    const cluster = new ClusterStack(app, `${name}-cluster`, {
      ...common('cluster'),
      settings,
      network,
      data,
      entry,
    });
    if (delivery) cluster.addStackDependency(delivery);
    new ObservationStack(app, `${name}-observation`, {
      ...common('observation'),
      settings,
      data,
      entry,
      prometheus: cluster.prometheus,
      topic: cluster.alarmTopic,
      keepsBudget: name === profile.regions[0],
    });
    new EdgeStack(app, `${name}-edge`, {
      ...common('edge'),
      crossRegionReferences: true,
      settings,
      regionName: name,
      entry,
      webAclArn: firewall.webAclArn,
    });
  }
}
