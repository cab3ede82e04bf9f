import { readFileSync } from 'node:fs';
import { profiles } from '@onsale/cluster-cdk/lib/profile/profile';
import t from 'tap';
import { parse } from 'yaml';
import { environments, profileOf } from '@onsale/cdk8s/values/environments';

const services = ['public-api', 'confirm-api', 'confirm-worker'] as const;
const read = (path: string) => parse(readFileSync(new URL(`../../charts/${path}`, import.meta.url), 'utf8'));

/** Most connections a service's pods open at once: at their ceiling, in the middle of a rolling update, beside a canary. */
function mostConnections(service: string, environment: string): number {
  const given = read(`${service}/values-${environment}.yaml`);
  const otherwise = read(`${service}/values.yaml`);
  const pool = given.config?.POSTGRES_MAX_CONNECTIONS ?? otherwise.config.POSTGRES_MAX_CONNECTIONS;
  const pods = given.autoscaling?.maxReplicas ?? otherwise.autoscaling.maxReplicas;
  const template = readFileSync(
    new URL(`../../charts/${service}/templates/deployment.yaml`, import.meta.url),
    'utf8',
  );
  const surgePercent = Number(/maxSurge: (\d+)%/.exec(template)?.[1]);
  const canaryPods = otherwise.canary?.replicas ?? 0;
  return pool * (Math.ceil(pods * (1 + surgePercent / 100)) + canaryPods);
}

t.test(
  'a rollout at every autoscaler’s ceiling stays below the alarm on the database’s connections',
  async (t) => {
    for (const environment of environments.filter((one) => one !== 'local')) {
      const { maxConnections } = profiles[profileOf(environment)].aurora;
      const most = services.reduce((sum, service) => sum + mostConnections(service, environment), 0);
      t.ok(most > 0 && most < 0.8 * maxConnections, `${environment}: ${most} of ${maxConnections}`);
    }
  },
);

t.test('a profile’s limit of connections is what Aurora allows its capacity', async (t) => {
  // AWS: 2,000 at most where the minimum is 0 or 0.5 units, 5,000 at most otherwise, and from 32 units on.
  for (const { name, aurora } of Object.values(profiles)) {
    t.ok(aurora.maxConnections <= (aurora.minAcu < 1 ? 2000 : 5000), name);
    if (aurora.maxAcu >= 32) t.equal(aurora.maxConnections, aurora.minAcu < 1 ? 2000 : 5000, name);
  }
});
