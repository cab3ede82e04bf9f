import type { Page } from 'playwright-core';

export interface Frames {
  readonly frames: number;
  /** Milliseconds between two frames. */
  readonly p95: number;
  readonly worst: number;
  /** Tasks of more than 50 ms, when no finger is answered. */
  readonly longTasks: number;
  /** Main-thread CPU milliseconds a zoom step takes with its frames, at full speed: what others on the machine do is not in it. */
  readonly cpuPerStep: number;
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
    (zoomers[step % 2].disabled ? zoomers[1 - step % 2] : zoomers[step % 2]).click();
    const way = step % 4 < 2 ? 18 : -18;
    let before = await frame();
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
  return { frames: deltas.length, p95: deltas[Math.floor(deltas.length * 0.95)], worst: deltas.at(-1), longTasks };
})()`;

/** Measures the seat map that is shown, on a processor this many times slower than the machine's. */
export async function measureFrames(page: Page, slowdown: number): Promise<Frames> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const cpuSec = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
  };
  const before = await cpuSec();
  await page.evaluate(zoomAndScroll);
  const cpuPerStep = ((await cpuSec()) - before) * (1000 / steps);
  await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
  const seen = await page.evaluate<Omit<Frames, 'cpuPerStep'>>(zoomAndScroll);
  await session.send('Emulation.setCPUThrottlingRate', { rate: 1 });
  await session.detach();
  return { ...seen, cpuPerStep };
}
