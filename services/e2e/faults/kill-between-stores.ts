import { setTimeout as delay } from 'node:timers/promises';
import { type ServiceName, serviceNames } from '@onsale/local/service-process';
import type { Fault } from './fault-scene.ts';
import { monotonicNowMs } from './history.ts';

/** So long nobody has come to any point that is left: buyers do not lead there. */
const patienceMs = 1500;

/**
 * Replicas end themselves between two stores, at each point in turn: those nothing has died at yet come first. Where buyers come
 * to none of these, a sale is published, or Redis emptied and restored. Services whose replicas are being replaced are left alone.
 */
export const killBetweenStores: Fault = async (scene, durationMs, random) => {
  const { target, stores, note, onRedisLoss, publishAnother } = scene;
  const { crashPoints, revive, stack } = target;
  const until = monotonicNowMs() + durationMs;
  const reviving = new Map<ServiceName, Promise<void>>();
  const replacing: Promise<void>[] = [];
  const serviceOf = (point: string) => serviceNames.find((service) => point.startsWith(service))!;
  const replace = async (name: ServiceName, pid: number) => {
    // It has said that it ends; that it has ended is heard of a moment later.
    while (stack.replicas.get(name)!.some((replica) => replica.pid === pid)) {
      await delay(20);
      await revive(name);
    }
  };
  let handled = (await crashPoints.died()).length;
  let lastMs = monotonicNowMs();
  let armed = '';
  for (;;) {
    const died = await crashPoints.died();
    for (const { pid, point } of died.slice(handled)) {
      note('processes died between two stores');
      const name = serviceOf(point);
      const replaced = (reviving.get(name) ?? Promise.resolve()).then(() => replace(name, pid));
      const tracked = replaced.finally(() => {
        if (reviving.get(name) === tracked) reviving.delete(name);
      });
      // Reported at the end.
      tracked.catch(() => undefined);
      replacing.push(tracked);
      reviving.set(name, tracked);
      lastMs = monotonicNowMs();
      armed = '';
    }
    handled = died.length;
    if (monotonicNowMs() > until) break;
    const deaths = Map.groupBy(died, ({ point }) => point);
    const points = await crashPoints.seen();
    const countOf = (point: string) => deaths.get(point)?.length ?? 0;
    const least = Math.min(...points.map(countOf));
    const wanted = points.filter((point) => countOf(point) === least && !reviving.has(serviceOf(point)));
    if (wanted.join() !== armed) {
      await crashPoints.arm(wanted);
      armed = wanted.join();
    }
    if (monotonicNowMs() - lastMs > patienceMs && wanted.length > 0) {
      lastMs = monotonicNowMs();
      if (random.chance(0.5)) {
        // Whoever serves it may be the one that ends.
        await publishAnother().catch(() => undefined);
      } else {
        onRedisLoss({ fromMs: monotonicNowMs(), placesToo: true });
        await stores.emptyRedis();
      }
    }
    await delay(20);
  }
  await crashPoints.disarm();
  for (const { pid, point } of (await crashPoints.died()).slice(handled))
    await replace(serviceOf(point), pid);
  await Promise.all(replacing);
};
