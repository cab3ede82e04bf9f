import { createRedis, redisReady } from '../../services/platform/redis.ts';
import { Redis } from 'ioredis';
const port = process.argv[2]!;
const log: any = { info() {}, warn() {} };
const a = createRedis({ url: `redis://127.0.0.1:${port}`, cluster: false }, log);
await redisReady(a, 5000);
const b = new Redis(Number(port));
const c = new Redis(Number(port), { enableAutoPipelining: true });
await b.ping();
await c.ping();
const sha = (await b.script('LOAD', "return {1,redis.call('INCR',KEYS[1]),ARGV[1]}")) as string;
const run = async (n: string, r: any, par: number) => {
  const N = 6000;
  const t = process.cpuUsage();
  let left = N;
  await Promise.all(
    Array.from({ length: par }, async () => {
      while (left-- > 0) {
        await r.evalsha(sha, 1, 'k', 'buyer-0000000000000001');
      }
    }),
  );
  const d = process.cpuUsage(t);
  return (d.user + d.system) / N;
};
const res: Record<string, number[]> = {};
for (let i = 0; i < 8; i++)
  for (const [n, r] of [
    ['gathered', a],
    ['plain', b],
    ['autopipelining', c],
  ] as const)
    for (const par of [1, 8, 128]) {
      const x = await run(n, r, par);
      if (i > 1) (res[`${n} ${par}`] ??= []).push(x);
    }
for (const [k, v] of Object.entries(res))
  console.log(k, v.sort((x, y) => x - y)[v.length >> 1]!.toFixed(1), 'us');
process.exit(0);
