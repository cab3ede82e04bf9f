import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';

/** A fifth of what Kubernetes takes: a pod with a processor of its own does not stand still for most of 100 ms. */
const periodUs = 20_000;
const root = '/sys/fs/cgroup';

/**
 * Gives a process with all its threads at most this share of a core, as a pod has it, by a control group; throws where those
 * cannot be made. The function it gives takes the group away, after the process has ended.
 * https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu
 */
export function limitCpu(pid: number, share: number): () => void {
  const quotaUs = Math.round(share * periodUs);
  const name = `onsale-bench-${pid}`;
  const isFirstVersion = existsSync(`${root}/cpu/cpu.cfs_quota_us`);
  const group = isFirstVersion ? `${root}/cpu/${name}` : `${root}/${name}`;
  try {
    if (!isFirstVersion) writeFileSync(`${root}/cgroup.subtree_control`, '+cpu');
    mkdirSync(group);
    if (isFirstVersion) {
      writeFileSync(`${group}/cpu.cfs_period_us`, String(periodUs));
      writeFileSync(`${group}/cpu.cfs_quota_us`, String(quotaUs));
    } else {
      writeFileSync(`${group}/cpu.max`, `${quotaUs} ${periodUs}`);
    }
    writeFileSync(`${group}/cgroup.procs`, String(pid));
  } catch (cause) {
    throw new Error('Processors are limited by control groups; on Linux, root may make them', { cause });
  }
  return () => {
    rmdirSync(group);
  };
}
