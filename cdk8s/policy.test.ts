import { kubectlAndHelm } from '@onsale/control-plane/kubectl-layer';
import t from 'tap';
import { allCharts } from './charts/all-charts.ts';
import { opening } from './helm/expression.ts';
import { chartObjects } from './helm/helm-chart.ts';
import { type RenderedObject, renderChart } from './helm/render-chart.ts';
import { environments } from './values/environments.ts';

// Other programs are started often; a busy machine takes its time.
t.setTimeout(240_000);
const { helm } = await kubectlAndHelm();

/** Everything that can be switched on, beside every environment as it is. */
const variants: readonly (readonly string[])[] = [
  [],
  [
    '--set',
    'canary.enabled=true,canary.tag=next,ingress.enabled=true,autoscaling.baselineHook=true,podMonitor=true',
  ],
  ['--set', 'autoscaling.enabled=true,autoscaling.baselineHook=true,podMonitor=true'],
  ['--set', 'podMonitor=true'],
];

const all: RenderedObject[] = environments.flatMap((environment) =>
  allCharts.flatMap(({ name }) => {
    const variant = name.endsWith('-api')
      ? variants[1]
      : name === 'confirm-worker'
        ? variants[2]
        : variants[3];
    return [variants[0]!, variant!].flatMap((more) => renderChart(helm, name, environment, ...more));
  }),
);

/** The pod templates of all objects. */
const pods = all.flatMap((object) => {
  const { template } = (object.spec ?? {}) as { template?: { spec?: { containers?: unknown } } };
  return template?.spec?.containers
    ? [{ of: `${object.kind} ${object.metadata.name}`, spec: template.spec as any }]
    : [];
});

/** Memory that is left for pods of a Fargate size, MiB by CPU. */
const fargateMemory: Record<string, (memoryMi: number) => boolean> = {
  '250m': (mi) => [256, 768, 1792].includes(mi),
  '500m': (mi) => mi >= 768 && mi <= 3840 && (mi + 256) % 1024 === 0,
  '1': (mi) => mi >= 1792 && mi <= 7936 && (mi + 256) % 1024 === 0,
  '2': (mi) => mi >= 3840 && mi <= 16128 && (mi + 256) % 1024 === 0,
};

t.test('nothing that Fargate does not run', async (t) => {
  const kinds = new Set(all.map(({ kind }) => kind));
  t.ok(
    kinds.has('Deployment') && kinds.has('Ingress') && kinds.has('PodMonitor'),
    'the variants are rendered',
  );
  for (const kind of [
    'DaemonSet',
    'StatefulSet',
    'PersistentVolume',
    'PersistentVolumeClaim',
    'StorageClass',
  ])
    t.notOk(kinds.has(kind), kind);
  for (const { of, spec } of pods) {
    for (const field of [
      'hostNetwork',
      'hostPID',
      'hostIPC',
      'nodeSelector',
      'nodeName',
      'topologySpreadConstraints',
    ])
      t.notOk(field in spec, `${of} ${field}`);
    for (const volume of spec.volumes ?? [])
      t.strictSame(Object.keys(volume).sort(), ['configMap', 'name'], `${of} mounts configuration alone`);
    for (const { resources, ports = [] } of spec.containers) {
      t.strictSame(resources.requests, resources.limits, `${of}: requests are limits`);
      const memoryMi = Number(/^(\d+)Mi$/.exec(resources.requests.memory)?.[1]);
      t.ok(fargateMemory[resources.requests.cpu]?.(memoryMi), `${of}: ${JSON.stringify(resources.requests)}`);
      for (const port of ports) t.notOk('hostPort' in port, of);
    }
  }
});

t.test('no pod is root, writes where it should not, or has rights it does not use', async (t) => {
  for (const { of, spec } of pods) {
    t.equal(spec.securityContext.runAsNonRoot, true, of);
    t.ok(spec.securityContext.runAsUser > 0, of);
    t.equal(spec.securityContext.seccompProfile.type, 'RuntimeDefault', of);
    for (const { securityContext, image } of spec.containers) {
      t.equal(securityContext.readOnlyRootFilesystem, true, of);
      t.equal(securityContext.allowPrivilegeEscalation, false, of);
      t.notOk(securityContext.privileged, of);
      t.strictSame(securityContext.capabilities, { drop: ['ALL'] }, of);
      t.notMatch(image, /:latest$|:$/, of);
    }
    const speaksToKubernetes = /^Deployment .*operator$|-baseline$/.test(of);
    t.equal(spec.automountServiceAccountToken, speaksToKubernetes, of);
  }
});

t.test(
  'a pod is probed where no buyer reaches it, and serves on until the load balancer has let go',
  async (t) => {
    const deployments = all.filter(({ kind }) => kind === 'Deployment');
    t.ok(deployments.length > 0);
    for (const { metadata, spec } of deployments as any[]) {
      const [container] = spec.template.spec.containers;
      for (const [probe, path] of [
        ['startupProbe', '/healthz'],
        ['readinessProbe', '/readyz'],
        ['livenessProbe', '/healthz'],
      ])
        t.match(container[probe!].httpGet, { path, port: 'internal' }, `${metadata.name} ${probe}`);
      if (metadata.name === 'bots') t.match(spec, { replicas: 1, strategy: { type: 'Recreate' } });
      else t.equal(spec.strategy.rollingUpdate.maxUnavailable, 0);
      if (!/api/.test(metadata.name)) continue;
      const sleep = container.lifecycle.preStop.sleep.seconds;
      const grace = spec.template.spec.terminationGracePeriodSeconds;
      const config = all.find(
        ({ kind, metadata: { name } }) => kind === 'ConfigMap' && name === 'public-api',
      ) as any;
      t.ok(grace > sleep + Number(config.data.SHUTDOWN_LIMIT_MS) / 1000, `${metadata.name}: ${grace} s`);
    }
    // cluster-cdk gives its target groups 30 s.
    const production = renderChart(helm, 'public-api', 'production-ap-northeast-1').find(
      ({ kind }) => kind === 'Deployment',
    ) as any;
    t.ok(production.spec.template.spec.containers[0].lifecycle.preStop.sleep.seconds > 30);
  },
);

t.test('the internal port is on no way in', async (t) => {
  for (const { kind, metadata, spec } of all as any[]) {
    if (kind === 'Service') t.equal(spec.type, 'ClusterIP', metadata.name);
    if (kind === 'TargetGroupBinding') t.strictSame(spec.serviceRef, { name: metadata.name, port: 'http' });
    if (kind === 'Ingress')
      for (const { path, backend } of spec.rules[0].http.paths) {
        t.strictSame(backend.service, { name: metadata.name, port: { name: 'http' } });
        t.match(path, /^\/(public|confirm|api)/);
      }
    if (kind === 'Service' && spec.ports.some(({ name }: any) => name === 'internal'))
      t.match(metadata.name, /-internal$/);
  }
});

t.test('every object says what it belongs to, and names do not depend on the release', async (t) => {
  for (const { kind, metadata } of all)
    for (const label of ['name', 'instance', 'version', 'component', 'part-of', 'managed-by'])
      t.ok(metadata.labels?.[`app.kubernetes.io/${label}`], `${kind} ${metadata.name}: ${label}`);
  for (const chart of allCharts)
    for (const { manifest } of chartObjects(chart))
      t.notMatch(manifest.metadata.name, opening, manifest.kind);
});
