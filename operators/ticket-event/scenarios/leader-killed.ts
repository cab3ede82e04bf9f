import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { adminToken, type ClusterFixture } from './cluster-fixture.ts';
import { type OperatorProcess, startOperatorProcess } from './operator-process.ts';
import { ticketEvent } from './ticket-event-sample.ts';
import { until } from '@onsale/control-plane/until';

export interface LeaderKilledResult {
  readonly moments: number;
  readonly sameFinalState: number;
  readonly floorsLost: number;
  /** From the kill until another replica leads, seconds. */
  readonly failoverSeconds: { readonly median: number; readonly longest: number };
}

/** The failover itself is measured: this only ends a wait in vain. */
const patienceSeconds = 120;

/** A seeded sequence in [0, 1). */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * Two replicas; three sales begin to warm, and at a seeded moment the leader is killed. Each time the floors must end
 * where they end undisturbed, and none may go down on the way.
 */
export async function leaderKilled(
  cluster: ClusterFixture,
  options: { readonly moments: number; readonly seed: number },
): Promise<LeaderKilledResult> {
  const random = seeded(options.seed);
  const targets = ['failover-0', 'failover-1', 'failover-2'];
  for (const name of targets) await cluster.createTarget(name, { min: 1, max: 1000 });
  const replicas: OperatorProcess[] = [];
  let started = 0;
  const start = async () => {
    const name = `replica-${started++}`;
    const replica = await startOperatorProcess({
      kubeconfig: cluster.operatorKubeconfig,
      name,
      logFile: join(cluster.dir, `${name}.log`),
      env: { ADMIN_URL: cluster.adminApi.url, ADMIN_TOKEN: adminToken },
    });
    replicas.push(replica);
  };
  const leads = async (replica: OperatorProcess) =>
    /^onsale_operator_leader\S* 1$/m.test(await replica.metrics());
  const leader = () =>
    until('a leader', patienceSeconds, async () => {
      for (const replica of replicas) if (await leads(replica)) return replica;
      return undefined;
    });
  await start();
  await start();
  const failovers: number[] = [];
  let same = 0;
  let lost = 0;
  try {
    for (let moment = 0; moment < options.moments; moment++) {
      await leader();
      const wanted = targets.map(() => 2 + Math.floor(random() * 6));
      const events = targets.map((target, i) =>
        ticketEvent(`failover-${moment}-${i}`, {
          target,
          pods: wanted[i]!,
          opensInSeconds: 600,
          readyBefore: '10m',
          leadOverride: '1s',
          spec: { prewarm: { readyBefore: '10m' } },
        }),
      );
      for (const event of events) await cluster.apply(event);
      await delay(random() * 400);
      const victim = await leader();
      const killedMs = performance.now();
      await victim.kill('SIGKILL');
      replicas.splice(replicas.indexOf(victim), 1);
      const highest = targets.map(() => 0);
      const watch = async () => {
        const floors = await Promise.all(
          targets.map(async (name) => (await cluster.readHpa(name)).spec?.minReplicas ?? 0),
        );
        floors.forEach((floor, i) => {
          if (floor < highest[i]!) lost += 1;
          highest[i] = Math.max(highest[i]!, floor);
        });
        return floors;
      };
      await until('another leader', patienceSeconds, async () => {
        await watch();
        return (await leads(replicas[0]!)) ? true : undefined;
      });
      failovers.push((performance.now() - killedMs) / 1000);
      const expected = wanted.map((pods) => Math.max(1, pods));
      const settled = await until('the floors', patienceSeconds, async () => {
        const floors = await watch();
        return floors.every((floor, i) => floor === expected[i]) ? floors : undefined;
      }).catch(() => undefined);
      if (settled) same += 1;
      await start();
      for (const { metadata } of events) {
        await cluster.patchTicketEvent(metadata.name, {
          metadata: { annotations: { 'onsale.dev/force-delete': 'true' } },
        });
        await cluster.deleteTicketEvent(metadata.name);
      }
      await until('the baselines', patienceSeconds, async () => {
        const floors = await Promise.all(
          targets.map(async (name) => (await cluster.readHpa(name)).spec?.minReplicas),
        );
        return floors.every((floor) => floor === 1) ? true : undefined;
      });
      await until('the sales to be gone', patienceSeconds, async () => {
        const gone = await Promise.all(
          events.map(({ metadata }) =>
            cluster.readTicketEvent(metadata.name).then(
              () => false,
              () => true,
            ),
          ),
        );
        return gone.every(Boolean) ? true : undefined;
      });
    }
  } finally {
    for (const replica of replicas) await replica.kill('SIGTERM');
  }
  failovers.sort((a, b) => a - b);
  return {
    moments: options.moments,
    sameFinalState: same,
    floorsLost: lost,
    failoverSeconds: {
      median: failovers[Math.floor(failovers.length / 2)] ?? 0,
      longest: failovers.at(-1) ?? 0,
    },
  };
}
