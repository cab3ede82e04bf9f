import { k8s } from 'cdk8s-plus-28';
import { type Expression, expression } from '../helm/expression.ts';
import { podLabels } from './labels.ts';
import { internalPort, publicPort } from './ports.ts';
import type { Workload } from './workload.ts';

/** Not root, and nobody in the image; docker/Dockerfile names the same. */
const userId = 65532;

/** What every pod here allows itself, which is what the strictest Pod Security Standard asks for. */
export const podSecurityContext: k8s.PodSecurityContext = {
  runAsNonRoot: true,
  runAsUser: userId,
  runAsGroup: userId,
  fsGroup: userId,
  seccompProfile: { type: 'RuntimeDefault' },
};
export const containerSecurityContext: k8s.SecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

/** Which of a workload's images a pod runs. */
export type ImageChoice = Pick<Workload['values']['image'], 'tag' | 'digest'>;

/** An image's address, by its digest where one is given. */
export function imageAddress(registry: Expression, name: string, { tag, digest }: ImageChoice): string {
  const which = expression(
    `ternary (print ":" ${tag.text}) (print "@" ${digest.text}) (empty ${digest.text})`,
  );
  return `${registry.part}${name}${which.part}`;
}

/** The address of a workload's image; a canary has an image of its own. */
export const imageOf = (workload: Workload, choice: ImageChoice = workload.values.image): string =>
  imageAddress(workload.values.site.registry, workload.name, choice);

/** Requests and limits: the same, or Fargate would round up what nobody may use. */
export function fargateResources(workload: Workload): k8s.ResourceRequirements {
  const { cpu, memoryMi } = workload.values.resources;
  const amounts = {
    cpu: k8s.Quantity.fromString(cpu.string),
    memory: k8s.Quantity.fromString(`${memoryMi.part}Mi`),
  };
  return { requests: amounts, limits: amounts };
}

export interface PodOptions {
  readonly track: 'stable' | 'canary';
  /** Serves a public port too. */
  readonly isPublic: boolean;
  /** Speaks to the API server. */
  readonly usesApiServer?: boolean;
  /** The release's, unless it is a canary's. */
  readonly image?: ImageChoice;
  /** Arguments of Node before the entry file, beside those of every pod. */
  readonly nodeOptions?: string;
  /** From the end of the pod's life to its being killed. */
  readonly terminationGracePeriodSeconds: number;
}

const probe = (path: string): k8s.HttpGetAction => ({
  path,
  port: k8s.IntOrString.fromString('internal'),
});

/** V8's helpers, four otherwise, take a small pod's processor from the one thread that answers (ADR 44). */
const oneHelper = '--v8-pool-size=1';

/** The pod of a workload: one container that trusts nobody, probed on its internal port. */
export function podTemplate(workload: Workload, options: PodOptions): k8s.PodTemplateSpec {
  const { name, component, values } = workload;
  const { isPublic, track, image = values.image } = options;
  const namesItself = workload.settings.some(({ variable }) => variable === 'POD_NAME');
  const port = (portName: string, containerPort: number): k8s.ContainerPort => ({
    name: portName,
    containerPort,
    protocol: 'TCP',
  });
  return {
    metadata: {
      labels: { ...podLabels(name, component, track), 'app.kubernetes.io/version': image.tag.string },
      annotations: expression(
        `merge (dict "prometheus.io/scrape" "true" "prometheus.io/port" "${internalPort}" "prometheus.io/path" "/metrics" ` +
          '"onsale.dev/config" (include (print $.Template.BasePath "/config-map.yaml") . | sha256sum)) .Values.podAnnotations',
      ).map,
    },
    spec: {
      serviceAccountName: name,
      automountServiceAccountToken: options.usesApiServer ?? false,
      enableServiceLinks: false,
      securityContext: podSecurityContext,
      terminationGracePeriodSeconds: options.terminationGracePeriodSeconds,
      // Kubernetes' 5 would try AWS's names (three and four dots) in every search domain first: ten questions in the place of two.
      dnsConfig: { options: [{ name: 'ndots', value: '2' }] },
      containers: [
        {
          name: 'app',
          image: imageOf(workload, image),
          imagePullPolicy: values.image.pullPolicy.string,
          ports: [...(isPublic ? [port('http', publicPort)] : []), port('internal', internalPort)],
          envFrom: [{ configMapRef: { name } }, { secretRef: { name } }],
          env: [
            ...(namesItself
              ? [{ name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }]
              : []),
            { name: 'NODE_OPTIONS', value: [oneHelper, options.nodeOptions].filter(Boolean).join(' ') },
          ],
          resources: fargateResources(workload),
          securityContext: {
            ...containerSecurityContext,
            readOnlyRootFilesystem: expression(`not ${values.liveSync.text}`).boolean,
          },
          // A start waits for Redis, reads the catalogue and loads scripts; only then do both ports listen.
          startupProbe: {
            httpGet: probe('/healthz'),
            periodSeconds: 1,
            timeoutSeconds: 2,
            failureThreshold: 90,
          },
          readinessProbe: {
            httpGet: probe('/readyz'),
            periodSeconds: 5,
            timeoutSeconds: 3,
            failureThreshold: 2,
          },
          // Health asks nothing of the stores: restarting pods heals no database.
          livenessProbe: {
            httpGet: probe('/healthz'),
            periodSeconds: 10,
            timeoutSeconds: 5,
            failureThreshold: 6,
          },
        },
      ],
    },
  };
}
