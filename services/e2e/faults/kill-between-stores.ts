import { setTimeout as delay } from 'node:timers/promises';
import { type ServiceName, serviceNames } from '@onsale/local/service-process';
import type { Fault } from './fault-scene.ts';
import { monotonicNowMs } from './history.ts';
import { setPaymentBehaviour } from './payment-behaviour.ts';

/** So long nobody has come to any point that is left: buyers do not lead there. */
const patienceMs = 1500;

/**
 * Replicas end themselves between two stores, at each point in turn: those nothing has died at yet come first. Where buyers come
 * to none of these, something happens that leads there: a sale is published, Redis emptied and restored, money comes after the
 * commit, or a replica ends at a point again and leaves its work to others. Services whose replicas are being replaced are left alone.
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
  let again: string | undefined;
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
      again = undefined;
    }
    handled = died.length;
    if (monotonicNowMs() > until) break;
    const deaths = Map.groupBy(died, ({ point }) => point);
    const points = await crashPoints.seen();
    const countOf = (point: string) => deaths.get(point)?.length ?? 0;
    const least = Math.min(...points.map(countOf));
    const whole = serviceNames.filter((service) => !reviving.has(service));
    // The first to come to a point ends there: some are come to once in minutes.
    const wanted = [
      ...whole.map((service) => `${service}: *`),
      ...points.filter((point) => least > 0 && countOf(point) === least && whole.includes(serviceOf(point))),
    ];
    if (monotonicNowMs() - lastMs > patienceMs) {
      lastMs = monotonicNowMs();
      await setPaymentBehaviour(stack.paymentProviderUrl, 'success');
      const leads = random.pick(['a sale', 'a restore', 'a late payment', 'work left undone']);
      if (leads === 'a sale') {
        // Whoever serves it may be the one that ends.
        await publishAnother().catch(() => undefined);
      } else if (leads === 'a restore') {
        onRedisLoss({ fromMs: monotonicNowMs(), placesToo: true });
        await stores.emptyRedis();
      } else if (leads === 'a late payment') {
        await setPaymentBehaviour(stack.paymentProviderUrl, 'late');
      } else {
        again = random.pick(points.filter((point) => countOf(point) > 0));
      }
    }
    if (again !== undefined && whole.includes(serviceOf(again))) wanted.push(again);
    if (wanted.join() !== armed) {
      await crashPoints.arm(wanted);
      armed = wanted.join();
    }
    await delay(20);
  }
  await crashPoints.disarm();
  await setPaymentBehaviour(stack.paymentProviderUrl, 'success');
  for (const { pid, point } of (await crashPoints.died()).slice(handled))
    await replace(serviceOf(point), pid);
  await Promise.all(replacing);
};
