import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { adminToken, startCluster } from './scenarios/cluster-fixture.ts';
import { leaderKilled } from './scenarios/leader-killed.ts';
import { manyEvents } from './scenarios/many-events.ts';
import { startOperatorProcess } from './scenarios/operator-process.ts';
import { podsReady } from './scenarios/pods-ready.ts';

const HELP = `npm run bench:operator -- [options] [events] [leader] [pods]

Measures the operator on a real control plane of its own and prints JSON; all three unless some are named.

  --events N     TicketEvents created at once, 500 by default: seconds of a reconcile, memory
  --moments N    times the leader is killed while sales warm, 20 by default: the floors in the end, those lost
  --pods N       pods three overlapping sales ask for, 2000 by default: how long before the opening they are Ready
  --seed N       decides the moments
  --help         this text`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pods: { type: 'string', default: '2000' },
    events: { type: 'string', default: '500' },
    moments: { type: 'string', default: '20' },
    seed: { type: 'string', default: '20261121' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(`${HELP}\n`);
  process.exit(0);
}
const wanted = positionals.length > 0 ? positionals : ['events', 'leader', 'pods'];
const cluster = await startCluster({ compress: 1, hpaSyncSeconds: 15, nodes: 40 });
const result: Record<string, unknown> = { controlPlaneUpSeconds: cluster.startSeconds };
const start = (name: string) =>
  startOperatorProcess({
    kubeconfig: cluster.operatorKubeconfig,
    name,
    logFile: join(cluster.dir, `${name}.log`),
    env: { ADMIN_URL: cluster.adminApi.url, ADMIN_TOKEN: adminToken },
  });
try {
  if (wanted.includes('leader')) {
    result['leader'] = await leaderKilled(cluster, {
      moments: Number(values.moments),
      seed: Number(values.seed),
    });
  }
  if (wanted.includes('events')) {
    const operator = await start('bench-events');
    result['events'] = await manyEvents(cluster, operator, Number(values.events));
    await operator.kill('SIGTERM');
  }
  if (wanted.includes('pods')) {
    const operator = await start('bench-pods');
    const run = await podsReady(cluster, {
      pods: Number(values.pods),
      targets: 2,
      readyBeforeSeconds: 30,
      // The whole computed lead of 2,000 pods, one and a half times, and some room.
      opensInSeconds: 30 + 1.5 * (15 + Number(values.pods) / 20 + 90 + 30) + 10,
    });
    result['pods'] = {
      ...run,
      operatorMib: await operator.memoryMib(),
      cpuSeconds: await operator.cpuSeconds(),
    };
    await operator.kill('SIGTERM');
  }
} finally {
  await cluster.stop();
}
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
