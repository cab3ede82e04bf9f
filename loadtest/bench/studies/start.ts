import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Lab } from '../lab.ts';
import { cpuTimeUs, memoryOf } from '../processor.ts';
import { type Entry, type Service, type ServiceName, sourceEntry } from '../service.ts';
import { median } from '../side.ts';
import type { Study } from '../study.ts';

const firstPath: Readonly<Record<ServiceName, string>> = {
  'public-api': '/public/health',
  'confirm-api': '/confirm/health',
  'confirm-worker': '/healthz',
};

/** As `npm run bundle` makes it. */
function bundledEntry(name: ServiceName): Entry | undefined {
  const file = fileURLToPath(new URL(`../../../dist/${name}/main.mjs`, import.meta.url));
  return existsSync(file) ? { file, execArgv: [] } : undefined;
}

async function startOnce(lab: Lab, name: ServiceName, entry: Entry) {
  const beganAt = performance.now();
  const service: Service = await lab.start(name, entry);
  const port = service.port || service.internalPort;
  const answer = await fetch(`http://127.0.0.1:${port}${firstPath[name]}`);
  await answer.arrayBuffer();
  const firstAnswerMs = performance.now() - beganAt;
  if (!answer.ok) throw new Error(`${name} answered its first request with ${answer.status}`);
  const cpuMs = cpuTimeUs(service.pid) / 1000;
  await delay(500);
  const { rssMb } = memoryOf(service.pid);
  await service.child.stop();
  return { firstAnswerMs, cpuMs, rssMb };
}

/** From a process's spawn to its first request served, by sources and by bundle, by turns; with its memory then. */
export const startStudy: Study = {
  name: 'start',
  title: 'spawn to first request served, medians',
  async run(lab, plan, report) {
    const lines = [];
    for (const name of Object.keys(firstPath) as ServiceName[]) {
      const bundled = bundledEntry(name);
      if (!bundled) report(`start: ${name} has no bundle; npm run bundle makes it`);
      const entries = { sources: sourceEntry(name), ...(bundled ? { bundle: bundled } : {}) };
      const runs = new Map(
        Object.keys(entries).map((how) => [how, [] as Awaited<ReturnType<typeof startOnce>>[]]),
      );
      for (let round = 1; round <= plan.rounds; round++) {
        report(`start: ${name}, round ${round} of ${plan.rounds}`);
        for (const [how, entry] of Object.entries(entries))
          runs.get(how)!.push(await startOnce(lab, name, entry));
      }
      for (const [how, samples] of runs) {
        const of = (key: keyof (typeof samples)[number]) =>
          Math.round(median(samples.map((sample) => sample[key])));
        lines.push({
          service: name,
          from: how,
          'first answer ms': of('firstAnswerMs'),
          'CPU ms': of('cpuMs'),
          'idle MB': of('rssMb'),
        });
      }
    }
    return lines;
  },
};
