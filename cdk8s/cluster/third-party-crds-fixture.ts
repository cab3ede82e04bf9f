import { execFile } from 'node:child_process';
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A CRD by the name its project publishes it under, and the Go module that carries it. */
const crds = [
  {
    file: 'keda.sh_scaledobjects.yaml',
    module: 'github.com/kedacore/keda/v2@v2.18.1',
    folder: 'config/crd/bases',
  },
  {
    file: 'keda.sh_triggerauthentications.yaml',
    module: 'github.com/kedacore/keda/v2@v2.18.1',
    folder: 'config/crd/bases',
  },
  {
    file: 'external-secrets.io_externalsecrets.yaml',
    module: 'github.com/external-secrets/external-secrets@v0.20.4',
    folder: 'config/crds/bases',
  },
  {
    file: 'vpcresources.k8s.aws_securitygrouppolicies.yaml',
    module: 'github.com/aws/amazon-vpc-resource-controller-k8s@v1.7.25',
    folder: 'config/crd/bases',
  },
  {
    file: 'monitoring.coreos.com_podmonitors.yaml',
    module: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    folder: 'example/prometheus-operator-crd',
  },
  {
    file: 'monitoring.coreos.com_prometheusrules.yaml',
    module: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    folder: 'example/prometheus-operator-crd',
  },
] as const;

const bindings = 'elbv2.k8s.aws_targetgroupbindings.yaml';

/** AWS's controller is no Go module of its present versions; this is the part of its CRD that charts may use. */
const bindingsInPart = JSON.stringify({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'targetgroupbindings.elbv2.k8s.aws' },
  spec: {
    group: 'elbv2.k8s.aws',
    scope: 'Namespaced',
    names: { kind: 'TargetGroupBinding', plural: 'targetgroupbindings', singular: 'targetgroupbinding' },
    versions: [
      {
        name: 'v1beta1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                required: ['serviceRef', 'targetGroupARN'],
                properties: {
                  targetGroupARN: { type: 'string', minLength: 1 },
                  targetType: { type: 'string', enum: ['instance', 'ip'] },
                  serviceRef: {
                    type: 'object',
                    required: ['name', 'port'],
                    properties: {
                      name: { type: 'string' },
                      port: { 'x-kubernetes-int-or-string': true },
                    },
                  },
                },
              },
            },
          },
        },
      },
    ],
  },
});

const testRuns = 'k6.io_testruns.yaml';
const free = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

/** k6-operator's module is not on every proxy; this is the part of its CRD that the load test uses, pods left open. */
const testRunsInPart = JSON.stringify({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'testruns.k6.io' },
  spec: {
    group: 'k6.io',
    scope: 'Namespaced',
    names: { kind: 'TestRun', plural: 'testruns', singular: 'testrun' },
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                required: ['parallelism', 'script'],
                properties: {
                  parallelism: { type: 'integer' },
                  arguments: { type: 'string' },
                  separate: { type: 'boolean' },
                  script: {
                    type: 'object',
                    properties: {
                      configMap: {
                        type: 'object',
                        required: ['name'],
                        properties: { name: { type: 'string' }, file: { type: 'string' } },
                      },
                    },
                  },
                  runner: free,
                  initializer: free,
                  starter: free,
                },
              },
              status: { type: 'object', properties: { stage: { type: 'string' } } },
            },
          },
        },
      },
    ],
  },
});

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/**
 * Other projects' CRDs as their authors published them: from the folder CRDS_DIR names, from `shared/crds` beside the
 * repository, or from their Go modules. Throws the command that helps when none of it is to be had.
 */
export async function thirdPartyCrds(): Promise<string[]> {
  const beside = fileURLToPath(new URL('../../../shared/crds', import.meta.url));
  for (const folder of [process.env['CRDS_DIR'], beside]) {
    if (!folder || !(await exists(join(folder, bindings)))) continue;
    const published = await Promise.all(
      [...crds.map(({ file }) => file), bindings].map((file) => readFile(join(folder, file), 'utf8')),
    );
    return [...published, await readFile(join(folder, testRuns), 'utf8').catch(() => testRunsInPart)];
  }
  const workshop = await mkdtemp(join(tmpdir(), 'onsale-crds-'));
  try {
    const folders = new Map<string, string>();
    for (const module of new Set(crds.map((one) => one.module))) {
      const { stdout } = await run('go', ['mod', 'download', '-json', module], {
        cwd: workshop,
        env: { ...process.env, GOFLAGS: '-mod=mod', GOWORK: 'off' },
      });
      folders.set(module, (JSON.parse(stdout) as { Dir: string }).Dir);
    }
    const read = crds.map(({ file, folder, module }) =>
      readFile(join(folders.get(module)!, folder, file), 'utf8'),
    );
    return [...(await Promise.all(read)), bindingsInPart, testRunsInPart];
  } catch (cause) {
    throw new Error('No CRDs of other projects: set CRDS_DIR to a folder that has them, or install Go', {
      cause,
    });
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}
