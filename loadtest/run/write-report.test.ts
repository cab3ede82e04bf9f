import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { profileNamed } from '../profiles/all-profiles.ts';
import type { RunRecord } from '../report/run-record.ts';
import { writeReport } from './write-report.ts';

const record: RunRecord = {
  profile: profileNamed('smoke'),
  base: 'http://127.0.0.1:8080',
  startedAtMs: 0,
  endedAtMs: 80_000,
  machine: 'two',
  runners: 2,
  exitCode: 0,
  wasInterrupted: false,
};
const summary = (confirmed: number) =>
  JSON.stringify({ metrics: { orders_confirmed: { type: 'counter', values: { count: confirmed } } } });
/** Orders for seats of this name, each line of so many characters that a cut file still holds some. */
const points = (seats: string, count: number) =>
  Array.from({ length: count }, (_, index) =>
    JSON.stringify({
      metric: 'orders_confirmed',
      type: 'Point',
      data: {
        time: '2026-05-01T10:00:00Z',
        value: 1,
        metadata: { seat: `${seats}${index}`, order: `${seats}${index}` },
      },
    }),
  ).join('\n');

async function reportOf(files: Readonly<Record<string, string | Buffer>>) {
  const folder = await mkdtemp(join(tmpdir(), 'onsale-report-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'run.json'), JSON.stringify(record));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  const { verdicts } = await writeReport(folder);
  return {
    missed: verdicts.filter(({ isMet }) => !isMet).map(({ what }) => what),
    ordersFound: verdicts.find(({ what }) => what.startsWith('no seat has two'))?.found,
  };
}

t.test('summaries and raw output of all runners are one run', async (t) => {
  const { missed, ordersFound } = await reportOf({
    'summary-1.json': summary(3),
    'summary-2.json': summary(4),
    'points-1.json.gz': gzipSync(points('a', 3)),
    'points-2.json.gz': gzipSync(points('b', 4)),
  });
  t.strictSame(missed, []);
  t.equal(ordersFound, '7 orders');
});

t.test('a seat that two runners sold is a seat sold twice', async (t) => {
  const { missed } = await reportOf({
    'summary-1.json': summary(1),
    'summary-2.json': summary(1),
    'points-1.json.gz': gzipSync(points('a', 1)),
    'points-2.json.gz': gzipSync(points('a', 1).replace('"order":"a0"', '"order":"other"')),
  });
  t.strictSame(missed, ['no seat has two confirmed orders, over all flows']);
});

t.test(
  'a runner that was killed leaves raw output cut short: it is read as far as it goes, and fails',
  async (t) => {
    const whole = gzipSync(points('b', 5000));
    const { missed, ordersFound } = await reportOf({
      'summary-1.json': summary(3),
      'points-1.json.gz': gzipSync(points('a', 3)),
      'points-2.json.gz': whole.subarray(0, whole.length / 2),
      'points-3.json.gz': '',
    });
    t.ok(missed.includes('every runner ended by itself and left its figures'));
    const orders = Number.parseInt(ordersFound ?? '');
    t.ok(orders > 1000 && orders < 5003, `${orders} of 5003`);
  },
);
