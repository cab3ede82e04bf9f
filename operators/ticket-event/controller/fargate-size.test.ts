import t from 'tap';
import { fargateVcpus } from './fargate-size.ts';

t.test('a pod takes the smallest size that holds its requests and what Fargate adds', async (t) => {
  t.equal(fargateVcpus([]), 0.25);
  t.equal(fargateVcpus([{ cpu: '250m', memory: '512Mi' }]), 0.25);
  t.equal(fargateVcpus([{ cpu: '1', memory: '2Gi' }]), 1);
  t.equal(fargateVcpus([{ cpu: '600m' }, { cpu: '0.5' }]), 2, 'containers are summed');
  t.equal(fargateVcpus([{ cpu: '250m', memory: '2Gi' }]), 0.5, '256 MiB more than asked');
  t.equal(fargateVcpus([{ cpu: '1', memory: '10G' }]), 2, 'memory alone can ask for a larger size');
  t.equal(fargateVcpus([{ cpu: '64' }]), 16);
});
