import { k8s } from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { onlyIf } from '../helm/helm-chart.ts';
import type { References } from '../helm/value-references.ts';
import type { ApiValues } from '../values/service-values.ts';
import type { Static } from 'typebox';
import { addInternalService, addPublicService } from './service.ts';
import { addTargetGroupBinding } from './third-party.ts';
import { ofSite, type Workload } from './workload.ts';

/**
 * The ways to an API's pods: a Service that the target group is bound to, an Ingress on laptops, and a second Service for
 * the platform's own tools, which no way from outside leads to.
 */
export function addEntry(
  scope: Construct,
  workload: Workload<References<Static<ApiValues>>>,
  paths: readonly string[],
): void {
  const { name, labels, values } = workload;
  addPublicService(scope, workload);
  addInternalService(scope, workload);
  const group = ofSite(workload, 'targetGroupArns');
  onlyIf(
    group.text,
    addTargetGroupBinding(scope, 'target-group', {
      metadata: { name, labels },
      service: name,
      port: 'http',
      targetGroupArn: group.string,
    }),
  );
  onlyIf(
    values.ingress.enabled.text,
    new k8s.KubeIngress(scope, 'ingress', {
      metadata: { name, labels },
      spec: {
        ingressClassName: values.ingress.className.string,
        rules: [
          {
            host: values.ingress.host.string,
            http: {
              paths: paths.map((path) => ({
                path,
                pathType: 'Prefix',
                backend: { service: { name, port: { name: 'http' } } },
              })),
            },
          },
        ],
      },
    }),
  );
}
