import type { Page } from 'playwright-core';

export interface Frames {
  /** Main-thread CPU milliseconds a frame takes at full speed, zoom steps among them: what others on the machine do is not in it. */
  readonly cpuPerFrame: number;
  /** CSS transitions the seats began. */
  readonly transitions: number;
  /** Milliseconds between two frames, at full speed and on a slower processor. */
  readonly fullSpeed: FrameTimes;
  readonly slowed: FrameTimes;
}

interface FrameTimes {
  readonly p50: number;
  readonly p95: number;
  readonly worst: number;
  /** Tasks of more than 50 ms, when no finger is answered. */
  readonly longTasks: number;
}

const steps = 6;
const framesAStep = 10;

/** In the page: zooms in and out, and scrolls the map all the while, as fast as frames come. */
const zoomAndScroll = `(async () => {
  const frame = () => new Promise(requestAnimationFrame);
  const deltas = [];
  let longTasks = 0;
  const observer = new PerformanceObserver((list) => { longTasks += list.getEntries().length; });
  observer.observe({ entryTypes: ['longtask'] });
  const zoomers = [...document.querySelectorAll('.zoom button')];
  for (let step = 0; step < ${steps}; step++) {
    let before = await frame();
    (zoomers[step % 2].disabled ? zoomers[1 - step % 2] : zoomers[step % 2]).click();
    const way = step % 4 < 2 ? 18 : -18;
    for (let count = 0; count < ${framesAStep}; count++) {
      for (const scroller of document.querySelectorAll('.seat-scroll')) scroller.scrollLeft += way;
      scrollBy(0, way);
      const now = await frame();
      deltas.push(now - before);
      before = now;
    }
  }
  observer.disconnect();
  deltas.sort((one, other) => one - other);
  const at = (share) => Math.round(deltas[Math.floor((deltas.length - 1) * share)]);
  return { p50: at(0.5), p95: at(0.95), worst: at(1), longTasks };
})()`;

/** Measures the seat map that is shown, also on a processor this many times slower than the machine's. */
export async function measureFrames(page: Page, slowdown: number): Promise<Frames> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const cpuMs = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN);
  };
  await page.evaluate(`
    globalThis.transitions = 0;
    document.querySelector('.seat-map').addEventListener('transitionrun', () => transitions++);
  `);
  const before = await cpuMs();
  const fullSpeed = await page.evaluate<FrameTimes>(zoomAndScroll);
  const cpuPerFrame = ((await cpuMs()) - before) / (steps * framesAStep);
  await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
  const slowed = await page.evaluate<FrameTimes>(zoomAndScroll);
  await session.send('Emulation.setCPUThrottlingRate', { rate: 1 });
  await session.detach();
  return { cpuPerFrame, transitions: await page.evaluate<number>('transitions'), fullSpeed, slowed };
}
