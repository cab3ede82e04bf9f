import t from 'tap';
import { createBatcher } from './batcher.ts';

const fulfilled = <T>(value: T): PromiseSettledResult<T> => ({ status: 'fulfilled', value });

t.test('calls of the same turn share one flush and get their own results', async (t) => {
  const batches: number[][] = [];
  const batcher = createBatcher<number, number>({
    maxItems: 10,
    lingerMs: 0,
    flush: async (items) => {
      batches.push([...items]);
      return items.map((item) => fulfilled(item * 2));
    },
  });
  t.same(await Promise.all([1, 2, 3].map((item) => batcher.add(item))), [2, 4, 6]);
  t.same(batches, [[1, 2, 3]]);
  t.equal(batcher.pending, 0);
});

t.test('a full batch does not wait for the linger', async (t) => {
  const batcher = createBatcher<number, number>({
    maxItems: 2,
    lingerMs: 60_000,
    flush: async (items) => items.map(fulfilled),
  });
  t.same(await Promise.all([batcher.add(1), batcher.add(2)]), [1, 2]);
});

t.test('one item fails alone, a failed flush fails all of its items', async (t) => {
  const batcher = createBatcher<string, string>({
    maxItems: 10,
    lingerMs: 0,
    flush: async (items) => {
      if (items.includes('down')) throw new Error('store down');
      return items.map((item) =>
        item === 'bad' ? { status: 'rejected', reason: new Error('bad item') } : fulfilled(item),
      );
    },
  });
  const [good, bad] = await Promise.allSettled([batcher.add('good'), batcher.add('bad')]);
  t.match(good, { status: 'fulfilled', value: 'good' });
  t.match(bad, { status: 'rejected', reason: { message: 'bad item' } });
  const both = await Promise.allSettled([batcher.add('down'), batcher.add('good')]);
  t.ok(both.every((result) => result.status === 'rejected'));
});

t.test('what waits for a free flush leaves in fuller batches, and drain waits for all of it', async (t) => {
  const sizes: number[] = [];
  const gates: (() => void)[] = [];
  const batcher = createBatcher<number, number>({
    maxItems: 3,
    lingerMs: 0,
    maxConcurrent: 1,
    flush: async (items) => {
      sizes.push(items.length);
      if (sizes.length === 1) await new Promise<void>((open) => gates.push(open));
      return items.map(fulfilled);
    },
  });
  const first = batcher.add(0);
  await new Promise(setImmediate);
  const rest = [1, 2, 3, 4].map((item) => batcher.add(item));
  t.same(sizes, [1], 'one flush at a time');
  const drained = batcher.drain();
  gates[0]!();
  await drained;
  t.equal(batcher.pending, 0);
  t.same(await Promise.all([first, ...rest]), [0, 1, 2, 3, 4]);
  t.same(sizes, [1, 3, 1]);
});

t.test('while a flush is under way the next waits for it, and at most the busy linger', async (t) => {
  const sizes: number[] = [];
  const gates: (() => void)[] = [];
  const batcherOf = (busyLingerMs: number) =>
    createBatcher<number, number>({
      maxItems: 10,
      lingerMs: 0,
      busyLingerMs,
      flush: async (items) => {
        sizes.push(items.length);
        await new Promise<void>((open) => gates.push(open));
        return items.map(fulfilled);
      },
    });
  const patient = batcherOf(600_000);
  const first = patient.add(0);
  await new Promise(setImmediate);
  const rest = [1, 2].map((item) => patient.add(item));
  await new Promise(setImmediate);
  rest.push(patient.add(3));
  await new Promise(setImmediate);
  t.same(sizes, [1], 'they gather');
  gates[0]!();
  t.equal(await first, 0);
  t.same(sizes, [1, 3], 'and leave once nothing is under way');
  gates[1]!();
  t.same(await Promise.all(rest), [1, 2, 3]);

  sizes.length = gates.length = 0;
  const hanging = batcherOf(1);
  const stuck = hanging.add(0);
  await new Promise(setImmediate);
  const next = hanging.add(1);
  while (gates.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
  gates[1]!();
  t.equal(await next, 1, 'one that hangs does not hold up the others');
  gates[0]!();
  t.equal(await stuck, 0);
});
