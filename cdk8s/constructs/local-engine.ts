import { k8s } from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { objectLabels } from './labels.ts';
import { containerSecurityContext, podSecurityContext } from './pod-template.ts';

/** An engine of a laptop's cluster: one pod behind a Service of the same name, with data that last as long as the pod. */
export interface LocalEngine {
  readonly name: string;
  readonly port: number;
  readonly image: string;
  readonly pullPolicy?: string;
  readonly command?: string[];
  readonly args?: string[];
  readonly env?: Readonly<Record<string, string>>;
  /** User the image knows; the charts' own where it knows none. */
  readonly userId?: number;
  readonly memory: string;
  /** Folders it writes to. */
  readonly writes?: readonly string[];
  /** Says that it serves; a connection to its port does when it is absent. */
  readonly ready?: Pick<k8s.Probe, 'exec' | 'httpGet'>;
}

/** Adds Deployment and Service of an engine. */
export function addLocalEngine(scope: Construct, chart: string, engine: LocalEngine): void {
  const { name, port, userId, memory, env = {}, writes = [] } = engine;
  const labels = objectLabels(chart, name);
  const selector = { 'app.kubernetes.io/name': chart, 'app.kubernetes.io/component': name };
  const target = k8s.IntOrString.fromString('engine');
  const user = userId === undefined ? {} : { runAsUser: userId, runAsGroup: userId, fsGroup: userId };
  new k8s.KubeDeployment(scope, `${name}-deployment`, {
    metadata: { name, labels },
    spec: {
      replicas: 1,
      revisionHistoryLimit: 2,
      // Two of them would be two truths behind one name.
      strategy: { type: 'Recreate' },
      selector: { matchLabels: selector },
      template: {
        metadata: { labels: { ...selector, 'app.kubernetes.io/part-of': 'onsale' } },
        spec: {
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: { ...podSecurityContext, ...user },
          containers: [
            {
              name: 'engine',
              image: engine.image,
              ...(engine.pullPolicy === undefined ? {} : { imagePullPolicy: engine.pullPolicy }),
              ...(engine.command === undefined ? {} : { command: engine.command }),
              ...(engine.args === undefined ? {} : { args: engine.args }),
              env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
              ports: [{ name: 'engine', containerPort: port, protocol: 'TCP' }],
              readinessProbe: {
                ...(engine.ready ?? { tcpSocket: { port: target } }),
                periodSeconds: 2,
                timeoutSeconds: 5,
              },
              resources: {
                requests: {
                  cpu: k8s.Quantity.fromString('100m'),
                  memory: k8s.Quantity.fromString(memory),
                },
                limits: { memory: k8s.Quantity.fromString(memory) },
              },
              securityContext: containerSecurityContext,
              volumeMounts: writes.map((mountPath, index) => ({ name: `writes-${index}`, mountPath })),
            },
          ],
          volumes: writes.map((_, index) => ({ name: `writes-${index}`, emptyDir: {} })),
        },
      },
    },
  });
  new k8s.KubeService(scope, `${name}-service`, {
    metadata: { name, labels },
    spec: { selector, ports: [{ name: 'engine', port, targetPort: target, protocol: 'TCP' }] },
  });
}
