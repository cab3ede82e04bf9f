import { Histogram, Counter, Registry } from 'prom-client';
import { createHmac, createSecretKey, hash, createHash } from 'node:crypto';
const r = new Registry();
const h = new Histogram({
  name: 'a',
  help: 'x',
  labelNames: ['route', 'method', 'status'],
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5],
  registers: [r],
});
const child = h.labels('/public/room-status', 'GET', '200');
const c = new Counter({ name: 'b', help: 'x', labelNames: ['cache', 'result'], registers: [r] }).labels(
  'x',
  'hit',
);
const key = createSecretKey('bench-room-token-key-0123456789abcdef', 'utf8');
const msg = 'abcdef.' + 'x'.repeat(60);
const secret = Buffer.from('bench-room-token-key-0123456789abcdef');
const pad = (b: number) => {
  const o = Buffer.alloc(64, b);
  for (let i = 0; i < secret.length; i++) o[i]! ^= secret[i]!;
  return o;
};
const ip = pad(0x36),
  op = pad(0x5c);
const inner = Buffer.alloc(64 + 512);
ip.copy(inner);
const outer = Buffer.alloc(96);
op.copy(outer);
const fast = (m: string) => {
  const n = inner.latin1Write(m, 64);
  outer.set(hash('sha256', inner.subarray(0, 64 + n), 'buffer'), 64);
  return hash('sha256', outer, 'base64url');
};
console.log(createHmac('sha256', key).update(msg).digest('base64url') === fast(msg));
const time = (n: string, f: () => any) => {
  for (let i = 0; i < 50000; i++) f();
  const t = process.cpuUsage();
  for (let i = 0; i < 200000; i++) f();
  const d = process.cpuUsage(t);
  console.log(n, ((d.user + d.system) / 200000).toFixed(2));
};
for (let i = 0; i < 2; i++) {
  time('hist observe', () => child.observe(0.01));
  time('counter inc', () => c.inc());
  time('hmac', () => createHmac('sha256', key).update(msg).digest('base64url'));
  time('hmac by hash()', () => fast(msg));
  time('toISOString', () => new Date(1700000000000).toISOString());
  time('performance.now', () => performance.now());
}
