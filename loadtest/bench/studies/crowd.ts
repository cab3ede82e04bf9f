import { limitCpu } from '../cpu-limit.ts';
import { newBuyers } from '../buyers.ts';
import { type Lab, until } from '../lab.ts';
import { type CrowdTaken, openPage, settleSeconds } from '../page-buyers.ts';
import { cpuTimeUs } from '../processor.ts';
import { openSale } from '../sales.ts';
import type { ServiceName } from '../service.ts';
import type { Study, StudyResult } from '../study.ts';

/**
 * Shares of a core the services have, as pods have theirs: confirm-api and the worker by what a purchase costs each, public-api
 * by who comes and not by who buys. A plan gives it more: 15 pods for each of confirm-api (docs/capacity.md). Small ones, for
 * load and stores have but one core on the smallest machine, and are not what is measured.
 */
const podShares: Readonly<Record<ServiceName, number>> = {
  'public-api': 0.45,
  'confirm-api': 0.22,
  'confirm-worker': 0.16,
};
/** As in a deployment: admission follows what the services say of themselves, and they refuse what they cannot keep up with. */
const deployed = {
  ADMISSION_STEERED: 'true',
  POD_BUYERS_PER_SEC: '100000',
  SHED_REQUESTS_IN_FLIGHT: '1000',
};
const firstRate = 150;
const growth = 1.2;
const mostRate = 3000;
/** Until V8 has compiled what a purchase runs, without a limit: compiling takes longer than all else at first. */
const warmUp = { perSecond: 400, seconds: 30 };
const overload = 3;
/** A rate is borne where so many buyers get done as come. */
const borne = 0.95;
const bears = (perSecond: number, { confirmedPerSecond }: CrowdTaken) =>
  confirmedPerSecond >= perSecond * borne;
/** What an operator plans to admit, of the most that was measured. */
const planned = 0.9;
/** Buyers of the crowd come so long before it is on sale, as they do: by the time its pages are known everywhere. */
const earlySeconds = 6;
/** By then buyers are confirmed as fast as they are admitted: a turn is noticed, and a purchase seen through, only after a while. */
const rampSeconds = 15;
const venue = { sections: 40, rows: 50, seatsPerRow: 100 };

/**
 * What a sale gets done that three times as many buyers come to as it can serve, through its waiting room: whole purchases, from
 * the turn to CONFIRMED, while the others stand in line and ask as the page does. Each service has the processor of a pod.
 */
export const crowdStudy: Study = {
  name: 'crowd',
  title: 'purchases at peak and with three times as many buyers, through the waiting room',
  async run(lab, plan, report) {
    const pods = await openPods(lab);
    const page = openPage(lab.services);
    const offer = async (...crowd: Parameters<typeof page.offer>) => {
      report(`crowd: ${Math.round(crowd[1])} buyers a second`);
      pods.look();
      return { ...(await page.offer(...crowd)), busy: pods.busy() };
    };
    const rowOf = (
      buyersPerSecond: number,
      admitted: string,
      taken: CrowdTaken & { readonly busy: string },
      peak: number,
    ) => ({
      'buyers/s': Math.round(buyersPerSecond),
      admitted,
      'purchases/s': Math.round(taken.confirmedPerSecond),
      'of peak': `${Math.round((100 * taken.confirmedPerSecond) / peak)} %`,
      'hold p95 ms': Math.round(taken.holdP95Ms),
      'refused, asked again': taken.refused,
      'turn in vain': taken.lost,
      'in line at the end': taken.inLine,
      'polls/s': Math.round(taken.pollsPerSecond),
      'busy, of its share': taken.busy,
    });
    try {
      const sale = await openSale(lab);
      report('crowd: warming up');
      await page.offer(sale.take(warmUp.perSecond * warmUp.seconds), warmUp.perSecond, 0);
      pods.limit();
      let peak = 0;
      let missed = 0;
      const offerAll = (perSecond: number, measured: number) =>
        offer(sale.take(Math.ceil(perSecond * (settleSeconds + measured))), perSecond, settleSeconds);
      const short = 5 * plan.seconds;
      const long = 15 * plan.seconds;
      for (let perSecond = firstRate; missed < 2 && perSecond < mostRate; perSecond *= growth) {
        const isBorne = bears(perSecond, await offerAll(perSecond, short));
        // The first ones may be missed for what V8 compiles with a pod's processor.
        missed = isBorne || peak === 0 ? 0 : missed + 1;
        if (isBorne) peak = perSecond;
      }
      if (peak === 0) throw new Error(`None of these rates is borne here`);
      // A rate borne for some seconds, between two collections, may not be borne for as long as the crowd is looked at.
      let taken = await offerAll(peak, long);
      for (; !bears(peak, taken); taken = await offerAll(peak, long)) peak /= growth;
      const atPeak = rowOf(peak, 'all', taken, peak);
      const perSecond = overload * peak;
      const ratePerSecond = Math.max(1, Math.floor(planned * peak));
      const opensAtMs = Date.now() + 1000 * earlySeconds;
      await lab.publish({ eventId: 'bench-crowd', venue, opensAtMs, ratePerSecond });
      await until('the crowd’s event to be known', () => page.knows('bench-crowd'));
      const unmeasured = rampSeconds + Math.max(0, opensAtMs - Date.now()) / 1000;
      const buyers = newBuyers('bench-crowd', venue, 0, Math.ceil(perSecond * (unmeasured + long)));
      const gone = await offer(buyers, perSecond, unmeasured);
      const crowd = rowOf(perSecond, `${ratePerSecond}/s, steered`, gone, peak);
      // Where this is not borne any more the machine has become slower, and the row above says nothing.
      const again = rowOf(peak, 'all, again', await offerAll(peak, short), peak);
      return [atPeak, crowd, again] as StudyResult;
    } finally {
      await page.close();
      await pods.stop();
    }
  },
};

async function openPods(lab: Lab) {
  await lab.restart(deployed);
  const pods = Object.values(lab.services);
  const unlimit: (() => void)[] = [];
  let since: { readonly atMs: number; readonly cpuUs: readonly number[] };
  const cpuUs = () => pods.map(({ pid }) => cpuTimeUs(pid));
  return {
    limit: () => {
      for (const { name, pid } of pods) unlimit.push(limitCpu(pid, podShares[name]));
    },
    look: () => {
      since = { atMs: performance.now(), cpuUs: cpuUs() };
    },
    /** Since the last look, of each service. */
    busy: () => {
      const elapsedUs = 1000 * (performance.now() - since.atMs);
      return cpuUs()
        .map((now, index) => (now - since.cpuUs[index]!) / elapsedUs)
        .map((share, index) => share / Object.values(podShares)[index]!)
        .map((share) => `${Math.round(100 * share)} %`)
        .join(', ');
    },
    stop: async () => {
      await lab.restart({});
      for (const end of unlimit) end();
    },
  };
}
