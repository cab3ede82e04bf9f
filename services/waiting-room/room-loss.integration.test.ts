import { setTimeout as delay } from 'node:timers/promises';
import { privatePostgres, privateRedis } from '@onsale/local/test-engines';
import { ApiError } from '@onsale/platform/http/api-error';
import t from 'tap';
import { roomKey } from './room-keys.ts';
import { startRoomTestBed, until, type TestProcess, type TestSale } from './room-test-bed.ts';

// Mostly waiting; on a busy machine the engines alone may take long to start.
t.setTimeout(300_000);

/** As a buyer does who is told to try again in a moment. */
const enterAgain = ({ room }: TestProcess, sale: TestSale, userId: string) =>
  until(() =>
    room.enter({ ...sale, userId }).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 503) return undefined;
      throw error;
    }),
  );
const enterAll = (processes: readonly TestProcess[], sale: TestSale, userIds: readonly string[]) =>
  Promise.all(userIds.map((userId, index) => enterAgain(processes[index % processes.length]!, sale, userId)));
const names = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
const indexes = (entered: readonly { joinIndex: number }[]) => entered.map(({ joinIndex }) => joinIndex);
const overlap = (one: readonly number[], other: readonly number[]) => {
  const known = new Set(one);
  return other.filter((index) => known.has(index));
};
const sealAgain = (process: TestProcess, { sale }: TestSale) =>
  process.redis.hset(roomKey(sale.saleId), {
    cohort: '900',
    sealedAt: String(sale.opensAtMs + 5000),
    version: '7',
    next: '900',
    reserved: '2000',
    serving: JSON.stringify([{ base: 0, since: sale.opensAtMs + 5000, rate: 100 }]),
  });
const untilDrawn = (process: TestProcess, { published, sale }: TestSale, cohort?: number) =>
  until(async () => {
    const record = await process.room.roomRecord(published, sale);
    return (cohort === undefined ? record.draw.cohort !== null : record.draw.cohort === cohort) && record;
  });

/** Join indexes given out twice, by a process that has not heard of the leases of another, which `lose` takes from the record. */
const givenAgain = async (
  bed: Awaited<ReturnType<typeof startRoomTestBed>>,
  lose: (process: TestProcess, key: string, replicated: Record<string, string>) => Promise<unknown>,
) => {
  const sale = bed.putOn({ opensInMs: 600_000 });
  const key = roomKey(sale.sale.saleId);
  const [one, other] = [
    await bed.startProcess({ started: false }),
    await bed.startProcess({ started: false }),
  ];
  const before = await enterAll([one], sale, names('early', 20));
  const replicated = await one.redis.hgetall(key);
  const lost = await enterAll([other], sale, names('lost', 100));
  await lose(one, key, replicated);
  const after = await enterAll([one], sale, names('late', 100));
  return overlap(indexes([...before, ...lost]), indexes(after));
};

for (const kind of ['redis', 'redisCluster'] as const) {
  t.test(`what Redis loses, on ${kind}`, async (t) => {
    const bed = await startRoomTestBed(t, kind);
    const processes = await Promise.all([bed.startProcess(), bed.startProcess()]);
    const [first] = processes;

    await t.test('emptied before the opening: no place is given twice, the seed is the same', async (t) => {
      const sale = bed.putOn({ opensInMs: 600_000 });
      const before = await enterAll(processes, sale, names('early', 200));
      const { seedHash } = (await first.room.roomRecord(sale.published, sale.sale)).draw;
      // Not yet saved, or only in part: what the processes remember must do.
      await bed.emptyRedis(sale, names('early', 200));
      const after = await enterAll(processes, sale, names('late', 200));
      t.same(overlap(indexes(before), indexes(after)), []);
      t.equal(new Set(indexes(after)).size, 200);
      t.equal((await first.room.roomRecord(sale.published, sale.sale)).draw.seedHash, seedHash);
      t.match(
        first.room.roomStatus(before[0]!.roomToken),
        { outcome: 'known' },
        'older tokens are still good',
      );
    });

    await t.test('emptied, and nobody is left who remembers: PostgreSQL does', async (t) => {
      const sale = bed.putOn({ opensInMs: 1200 });
      const gone = await bed.startProcess();
      const before = await enterAll([gone], sale, names('early', 150));
      await until(async () => (await gone.room.roomRecord(sale.published, sale.sale)).draw.cohort !== null);
      const later = await enterAll([gone], sale, names('behind', 50));
      await gone.room.changeRate(sale.published, sale.sale, { action: 'rate', ratePerSecond: 40 });
      const record = await gone.room.roomRecord(sale.published, sale.sale);
      await gone.room.stop();

      await bed.emptyRedis(sale, names('early', 150));
      // None of the processes that run has heard of more than the keeper of each read.
      const fresh = await bed.startProcess();
      const restored = await fresh.room.roomRecord(sale.published, sale.sale);
      t.same(restored.draw, record.draw, 'cohort and seed are the same');
      t.same([restored.serving, restored.next], [record.serving, record.next], 'the serving number too');
      const after = await enterAll([fresh], sale, names('new', 100));
      t.same(overlap(indexes([...before, ...later]), indexes(after)), []);
      t.ok(
        after.every(({ joinIndex }) => joinIndex >= record.draw.cohort!),
        'newcomers are behind the cohort',
      );
      const standings = await Promise.all(before.map(({ roomToken }) => fresh.room.learn(roomToken)));
      t.ok(standings.every((standing) => standing.outcome === 'known'));
    });

    await t.test('emptied again and again in the middle of a rush', async (t) => {
      const sale = bed.putOn({ opensInMs: 600 });
      const lost = names('rush', 1200);
      const entered: { joinIndex: number }[] = [];
      const shown: number[] = [];
      for (let batch = 0; batch < 12; batch++) {
        const userIds = lost.slice(batch * 100, batch * 100 + 100);
        const entering = enterAll(processes, sale, userIds);
        if (batch % 3 === 2) await bed.emptyRedis(sale, lost.slice(0, batch * 100));
        entered.push(...(await entering));
        const { serving, now, draw } = await first.room.roomRecord(sale.published, sale.sale);
        shown.push(draw.cohort === null ? -1 : serving.base + (serving.rate * (now - serving.since)) / 1000);
        await delay(60);
      }
      t.equal(new Set(indexes(entered)).size, 1200, 'no place twice');
      t.same(
        shown,
        shown.toSorted((a, b) => a - b),
        'the serving number never decreases',
      );
      const records = await Promise.all(
        processes.map(({ room }) => room.roomRecord(sale.published, sale.sale)),
      );
      t.equal(records[0]!.draw.cohort, records[1]!.draw.cohort);
    });

    await t.test(
      'a replica that takes over is noticed by who has not heard of the lost leases',
      async (t) => {
        t.same(
          await givenAgain(bed, ({ redis }, key, replicated) =>
            redis.hset(key, { ...replicated, replication: 'of the one before' }),
          ),
          [],
        );
      },
    );

    await t.test(
      'a record of version 0.1.0 is taken for another server’s, and left so that it can go on',
      async (t) => {
        const again = await givenAgain(bed, async ({ redis }, key, replicated) => {
          await redis.hset(key, replicated);
          await redis.hdel(key, 'replication');
          t.match(replicated['server'], /^[0-9a-f]{40}$/, 'it goes by the process');
        });
        t.same(again, []);
      },
    );

    await t.test(
      'a replica that takes over without the last leases gives none of them out again',
      async (t) => {
        const sale = bed.putOn({ opensInMs: 600_000 });
        const key = roomKey(sale.sale.saleId);
        const entering = [enterAll(processes, sale, names('buyer-0', 120))];
        const { next } = await until(async () => {
          const record = await first.redis.hgetall(key);
          return Number(record['next']) > 0 && record;
        });
        for (let batch = 1; batch < 8; batch++) {
          entering.push(enterAll(processes, sale, names(`buyer-${batch}`, 120)));
          await delay(5);
          // What a server finds that has replicated no more than the first leases; some are under way all the time.
          await first.redis.hset(key, { next: next!, replication: 'of the one before' });
        }
        const entered = (await Promise.all(entering)).flat();
        t.equal(new Set(indexes(entered)).size, 8 * 120, 'no place twice');
      },
    );

    await t.test('a replica that took over without the last change of the rate is told of it', async (t) => {
      const sale = bed.putOn({ opensInMs: -1000 });
      const key = roomKey(sale.sale.saleId);
      await first.room.ensureRoom(sale.published, sale.sale);
      const before: Record<string, string> = await first.redis.hgetall(key);
      await first.room.changeRate(sale.published, sale.sale, { action: 'rate', ratePerSecond: 900 });
      const { version } = await first.redis.hgetall(key);
      t.not(version, before['version']);
      await first.redis.hset(key, { ...before, replication: 'of the one before' });
      await until(async () => (await first.redis.hget(key, 'version')) === version);
      const fresh = await bed.startProcess({ started: false });
      const { next } = await fresh.room.roomRecord(sale.published, sale.sale);
      t.equal(next?.rate, 900, 'what was announced holds');
    });

    await t.test('a replica that sealed again is told of the first seal by who remembers it', async (t) => {
      const sale = bed.putOn({ opensInMs: 800 });
      await enterAll(processes, sale, names('early', 40));
      const [record] = await Promise.all(processes.map((process) => untilDrawn(process, sale)));
      await sealAgain(first, sale);
      const cohort = String(record!.draw.cohort);
      await until(async () => (await first.redis.hget(roomKey(sale.sale.saleId), 'cohort')) === cohort);
      const fresh = await bed.startProcess({ started: false });
      const restored = await fresh.room.roomRecord(sale.published, sale.sale);
      t.same([restored.draw, restored.serving], [record!.draw, record!.serving]);
    });
  });
}

t.test(
  'a replica that sealed again is told of the first seal by PostgreSQL where nobody remembers it',
  async (t) => {
    const bed = await startRoomTestBed(t, 'redis');
    const sale = bed.putOn({ opensInMs: 800 });
    const gone = await bed.startProcess();
    await enterAll([gone], sale, names('early', 40));
    const record = await untilDrawn(gone, sale);
    await until(async () => {
      const { rowCount } = await gone.pool.query(
        'select from waiting_rooms where sale_id = $1 and cohort is not null',
        [sale.sale.saleId],
      );
      return rowCount === 1;
    });
    await gone.room.stop();
    await sealAgain(gone, sale);
    const fresh = await bed.startProcess();
    await fresh.room.ensureRoom(sale.published, sale.sale);
    const corrected = await untilDrawn(fresh, sale, record.draw.cohort!);
    t.same([corrected.draw, corrected.serving], [record.draw, record.serving]);
  },
);

t.test('a seal PostgreSQL has not heard of is shown to nobody', async (t) => {
  const bed = await startRoomTestBed(t, 'redis');
  const [cut, other] = [
    await bed.startProcess({ started: false }),
    await bed.startProcess({ started: false }),
  ];
  const sale = bed.putOn({ opensInMs: 1500 });
  const { published, sale: window } = sale;
  const before = await enterAll([cut, other], sale, names('early', 40));
  await cut.pool.end();
  await until(() => cut.clock.nowMs() > window.opensAtMs + 20);
  // Visits are what seals.
  await cut.room.countEntered(published, window).catch(() => undefined);
  const shown = [await cut.room.roomRecord(published, window)];

  for (const process of [other, await bed.startProcess({ started: false })]) {
    await bed.emptyRedis(sale, []);
    await process.room.countEntered(published, window);
    shown.push(await process.room.roomRecord(published, window));
  }
  const cohorts = shown.map(({ draw }) => draw.cohort).filter((cohort) => cohort !== null);
  t.ok(cohorts.length >= 2 && cohorts[0]! >= 40, 'sealed, and shown by who can know it will stay');
  t.equal(new Set(cohorts).size, 1, `one seal: ${cohorts.join()}`);
  const after = await enterAll([other], sale, names('late', 20));
  t.same(overlap(indexes(before), indexes(after)), []);
  t.ok(
    indexes(after).every((index) => index >= cohorts[0]!),
    'latecomers are behind the cohort',
  );
});

t.test('Redis goes away in mid-sale and comes back empty', async (t) => {
  const redis = await privateRedis(t);
  const bed = await startRoomTestBed(t, 'redis', { redisUrl: redis.url });
  const process = await bed.startProcess();
  // Slow enough that somebody still waits once all of them are in, however long that takes.
  const sale = bed.putOn(
    { opensInMs: -1000 },
    { waitingRoom: { opensBeforeMs: 1_800_000, ratePerSecond: 10, maxActive: 10_000 } },
  );
  const { published, sale: window } = sale;
  const before = await enterAll([process], sale, names('early', 300));
  const waiting = before.find(
    ({ roomToken }) => (process.room.roomStatus(roomToken) as { ready: boolean }).ready === false,
  )!;
  const { draw } = await process.room.roomRecord(published, window);

  await redis.kill();
  await t.rejects(process.room.enter({ ...sale, userId: 'nobody' }), {
    code: 'cache_unavailable',
    status: 503,
  });
  t.match(process.room.roomStatus(waiting.roomToken), { outcome: 'known' }, 'by the last record');
  await until(() => {
    const status = process.room.roomStatus(waiting.roomToken);
    return status.outcome === 'known' && status.ready;
  });
  t.pass('the turn comes without Redis');

  await redis.start();
  const after = await enterAll([process], sale, names('late', 50));
  t.same(overlap(indexes(before), indexes(after)), [], 'no restart is needed, no place given twice');
  t.same((await process.room.roomRecord(published, window)).draw, draw);
});

t.test(
  'a master that was a replica for a moment, and brought an older record back, is noticed',
  async (t) => {
    const { url } = await privateRedis(t);
    const again = await givenAgain(
      await startRoomTestBed(t, 'redis', { redisUrl: url }),
      async ({ redis }, key, replicated) => {
        await redis.replicaof('127.0.0.1', 1);
        await redis.replicaof('NO', 'ONE');
        await redis.hset(key, replicated);
      },
    );
    t.same(again, []);
  },
);

t.test('PostgreSQL is away over the opening, and again later', async (t) => {
  const postgres = await privatePostgres(t);
  const bed = await startRoomTestBed(t, 'redis', { postgresUrl: postgres.url });
  const [process, other] = [await bed.startProcess(), await bed.startProcess()];
  const sale = bed.putOn({ opensInMs: 3000 });
  const { published, sale: window } = sale;
  const before = await enterAll([process, other], sale, names('early', 20));
  await postgres.kill();

  const unavailable = { code: 'unavailable', status: 503 };
  await until(() => process.clock.nowMs() > window.opensAtMs + 2100);
  t.match(await process.room.roomRecord(published, window), { draw: { cohort: null } }, 'the opening waits');
  t.match(
    process.room.roomStatus(before[0]!.roomToken),
    { outcome: 'known', ready: false, drawn: false },
    'buyers keep their places',
  );
  await t.rejects(process.room.enter({ ...sale, userId: 'late' }), unavailable);
  await postgres.start();
  const [record] = await Promise.all([process, other].map((one) => untilDrawn(one, sale)));
  if (!record) throw new Error('no record');
  t.ok(record.draw.cohort! >= 20, 'sealed once PostgreSQL is back');
  t.ok(record.serving.since > window.opensAtMs + 2000, 'and served from then: nothing has piled up');
  t.match(await enterAgain(process, sale, 'late'), { drawn: true });

  await postgres.kill();
  // Many more than are reserved at a time.
  const rush = await Promise.allSettled(
    names('rush', 6000).map((userId) => other.room.enter({ ...sale, userId })),
  );
  const given = rush.filter((enter) => enter.status === 'fulfilled').map(({ value }) => value);
  for (const enter of rush) if (enter.status === 'rejected') t.match(enter.reason, unavailable);
  const waiting = before[0]!.roomToken;
  await bed.emptyRedis(sale, names('early', 20));
  await t.rejects(
    process.room.enter({ ...sale, userId: 'after' }),
    unavailable,
    'nobody knows what was given out',
  );
  t.match(
    process.room.roomStatus(waiting),
    { outcome: 'known', drawn: true },
    'who has a place is told of it',
  );
  t.same((await other.room.roomRecord(published, window)).draw, record.draw);
  await t.rejects(
    process.room.enter({ ...bed.putOn({ opensInMs: 60_000 }), userId: 'alice' }),
    unavailable,
    'a new room needs its seed kept',
  );
  await postgres.start();
  const row = await until(async () => {
    const { rows } = await process.pool
      .query<{ cohort: number | null; high_water: number }>(
        'select cohort, high_water from waiting_rooms where sale_id = $1',
        [window.saleId],
      )
      .catch(() => ({ rows: [] }));
    return rows[0]?.cohort === record.draw.cohort && rows[0];
  }, 30_000);
  t.pass('the seal is the recorded one');
  t.ok(Math.max(...indexes(given)) < row.high_water, 'nothing was given out that is not reserved');
  const after = await enterAll([process, other], sale, names('after', 20));
  t.same(overlap(indexes([...before, ...given]), indexes(after)), []);
  t.same((await other.room.roomRecord(published, window)).draw, record.draw);
});
