import { setTimeout as delay } from 'node:timers/promises';
import { enter, holdBytes } from '../buyers.ts';
import { offerLoad } from '../offer-load.ts';
import { openSale } from '../sales.ts';
import type { Study, StudyResult } from '../study.ts';

/** A buyer sees a spinner this long, then asks again. */
const patienceMs = 1000;
const firstRate = 500;
const growth = 1.3;
const overload = 3;
/** A rate is borne where so many of its requests are answered well. */
const borne = 0.95;

/**
 * What one core of public-api still gets done when three times as much is asked of it as it can do: holds, each with its lock
 * item, answered with 200 within a second. With the settings of a deployment: it refuses what it cannot keep up with.
 */
export const overloadStudy: Study = {
  name: 'overload',
  title: 'holds answered in time at peak and at three times as many',
  async run(lab, plan, report) {
    const sale = await openSale(lab);
    const { port, child } = await lab.start('public-api', undefined, { SHED_REQUESTS_IN_FLIGHT: '1000' });
    const offer = async (perSecond: number, seconds: number) => {
      const buyers = sale.take(Math.ceil(perSecond * seconds));
      await enter(lab, buyers);
      let index = 0;
      const next = () => holdBytes(buyers[index++]!);
      const taken = await offerLoad({ port, perSecond, forMs: seconds * 1000, next, patienceMs });
      // What is left of it must not be in the way of the next.
      await delay(patienceMs);
      return { ...taken, goodPerSecond: taken.good / seconds };
    };
    try {
      let peak = 0;
      // One step may fall into something else the machine had to do.
      let missed = 0;
      for (let perSecond = firstRate; missed < 2; perSecond *= growth) {
        report(`overload: ${Math.round(perSecond)} holds a second`);
        const { good, offered, goodPerSecond } = await offer(perSecond, plan.seconds);
        peak = Math.max(peak, goodPerSecond);
        missed = good < offered * borne ? missed + 1 : 0;
      }
      report(`overload: ${Math.round(overload * peak)} holds a second`);
      const { offered, good, refused, other, goodPerSecond } = await offer(overload * peak, 2 * plan.seconds);
      return [
        {
          'peak holds/s': Math.round(peak),
          'then offered/s': Math.round(overload * peak),
          'of them held/s': Math.round(goodPerSecond),
          'of peak': `${Math.round((goodPerSecond / peak) * 100)} %`,
          'refused with 503': percent(refused / offered),
          'no answer in time': percent((offered - good - refused - other) / offered),
          'other answers': other,
        },
      ] satisfies StudyResult;
    } finally {
      await child.stop();
    }
  },
};

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
