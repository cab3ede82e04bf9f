import { k8s } from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { serviceSelector } from './labels.ts';
import { internalPort, publicPort } from './ports.ts';
import type { Workload } from './workload.ts';

function addService(
  scope: Construct,
  { name, labels }: Workload,
  objectName: string,
  portName: 'http' | 'internal',
  port: number,
): void {
  new k8s.KubeService(scope, `${portName}-service`, {
    metadata: { name: objectName, labels },
    spec: {
      type: 'ClusterIP',
      selector: serviceSelector(name),
      ports: [{ name: portName, port, targetPort: k8s.IntOrString.fromString(portName), protocol: 'TCP' }],
    },
  });
}

/** What the load balancer's target group, or an Ingress, is bound to. */
export const addPublicService = (scope: Construct, workload: Workload): void =>
  addService(scope, workload, workload.name, 'http', publicPort);

/** For the platform's own tools and `helm test`; no way from outside the cluster leads to it. */
export const addInternalService = (scope: Construct, workload: Workload): void =>
  addService(scope, workload, `${workload.name}-internal`, 'internal', internalPort);
