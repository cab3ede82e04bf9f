import { createRedis, redisReady } from '../../services/platform/redis.ts';
const a = createRedis({ url: `redis://127.0.0.1:${process.argv[2]}`, cluster: false }, {
  info() {},
  warn() {},
} as any);
await redisReady(a, 5000);
const one = (await (a as any).script(
  'LOAD',
  "return {'held',redis.call('INCR',KEYS[1]),ARGV[1],ARGV[2]}",
)) as string;
const many = (await (a as any).script(
  'LOAD',
  "local r={} for i=1,#ARGV,2 do r[#r+1]={'held',redis.call('INCR',KEYS[1]),ARGV[i],ARGV[i+1]} end return r",
)) as string;
const N = 8000;
const cpu = async (f: () => Promise<unknown>) => {
  const t = process.cpuUsage();
  await f();
  const d = process.cpuUsage(t);
  return (d.user + d.system) / N;
};
const single = () => {
  let left = N;
  return Promise.all(
    Array.from({ length: 192 }, async () => {
      while (left-- > 0) await a.evalsha(one, 1, 'k', 'buyer-0000000000000001', 'AAbcdefghijklmnopqr');
    }),
  );
};
const coalesced = () => {
  let left = N;
  let q: any[] = [];
  const flush = async () => {
    const b = q.splice(0, 32);
    const args = b.flatMap(() => ['buyer-0000000000000001', 'AAbcdefghijklmnopqr']);
    if (q.length) void flush();
    const r = (await a.evalsha(many, 1, 'k', ...args)) as any[];
    b.forEach((x, i) => x(r[i]));
  };
  const add = () =>
    new Promise((r) => {
      q.push(r);
      if (q.length === 1) setImmediate(flush);
    });
  return Promise.all(
    Array.from({ length: 192 }, async () => {
      while (left-- > 0) await add();
    }),
  );
};
const s: number[] = [],
  c: number[] = [];
for (let i = 0; i < 12; i++) {
  const x = await cpu(single),
    y = await cpu(coalesced);
  if (i > 2) {
    s.push(x);
    c.push(y);
  }
}
const med = (v: number[]) => v.sort((x, y) => x - y)[v.length >> 1]!.toFixed(1);
console.log('single', med(s), 'coalesced', med(c));
process.exit(0);
