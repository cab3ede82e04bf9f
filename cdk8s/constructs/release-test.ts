import { k8s } from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { containerSecurityContext, imageOf, podSecurityContext } from './pod-template.ts';
import type { Workload } from './workload.ts';

const script = [
  'for (const url of process.argv.slice(1)) {',
  '  const { status } = await fetch(url, { signal: AbortSignal.timeout(10_000) });',
  '  console.log(`${url} ${status}`);',
  '  if (status !== 200) process.exitCode = 1;',
  '}',
].join('\n');

/** `helm test`: every address answers 200 from inside the cluster. */
export function addReleaseTest(scope: Construct, workload: Workload, urls: readonly string[]): void {
  const { name, labels, values } = workload;
  addTestJob(scope, {
    name,
    labels,
    image: imageOf(workload),
    pullPolicy: values.image.pullPolicy.string,
    command: ['node', '--input-type=module', '--eval', script, ...urls],
  });
}

/** The Job that `helm test` runs. */
export function addTestJob(
  scope: Construct,
  {
    name,
    labels,
    image,
    pullPolicy,
    command,
  }: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly image: string;
    readonly pullPolicy: string;
    readonly command: string[];
  },
): void {
  const objectName = `${name}-test`;
  const amounts = { cpu: k8s.Quantity.fromString('250m'), memory: k8s.Quantity.fromString('256Mi') };
  new k8s.KubeJob(scope, 'release-test', {
    metadata: {
      name: objectName,
      labels,
      annotations: {
        'helm.sh/hook': 'test',
        'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded',
      },
    },
    spec: {
      backoffLimit: 2,
      activeDeadlineSeconds: 300,
      template: {
        metadata: { labels: { ...labels, 'app.kubernetes.io/name': objectName } },
        spec: {
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: podSecurityContext,
          containers: [
            {
              name: 'test',
              image,
              imagePullPolicy: pullPolicy,
              command,
              resources: { requests: amounts, limits: amounts },
              securityContext: containerSecurityContext,
            },
          ],
        },
      },
    },
  });
}
