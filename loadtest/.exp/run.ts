import { startChild } from '../bench/child.ts';
import { pinProcess } from '../bench/processor.ts';
import { drive, requestBytes } from '../bench/load-client.ts';
import { sample, median } from '../bench/side.ts';
pinProcess(process.pid, 'beside');
const variants = process.argv.slice(2);
const sides = [];
for (const v of variants) {
  const child = startChild(new URL('./server.ts', import.meta.url), { args: [v] });
  const { port } = await child.nextMessage<{ port: number }>();
  pinProcess(child.pid, 'under-test');
  const bytes = requestBytes('GET', '/public/summary/bench-small-a/S0');
  sides.push({
    v,
    child,
    us: [] as number[],
    pids: [child.pid],
    run: async (forMs: number) =>
      (await drive({ port, connections: 128, expect: 200, forMs, next: () => ({ bytes }) })).answered,
  });
}
for (let r = 0; r < 6; r++)
  for (const s of sides) {
    const x = await sample(s, 700);
    if (r) s.us.push(x.usPerRequest);
  }
const b = median(sides[0]!.us);
for (const s of sides) {
  console.log(s.v.padEnd(50), median(s.us).toFixed(1), (b / median(s.us)).toFixed(2));
  await s.child.stop();
}
