import { ApiError } from '@onsale/platform/http/api-error';
import type { inventoryUnderTest } from './inventory-fixture.ts';
import { readLockItems } from './lock-reader.ts';
import { planSection } from './rebuild-plan.ts';
import type { UnreliableLocks } from './unreliable-locks-stub.ts';

interface ModelSeat {
  readonly state: 'held' | 'committing' | 'sold';
  readonly userId: string;
  /** Of a commit its intent, of a sale its order. */
  readonly by: string;
}

interface Unacknowledged {
  readonly userId: string;
  readonly seatIds: readonly string[];
}

export interface SaleModelOptions {
  readonly sale: Awaited<ReturnType<typeof inventoryUnderTest>>;
  readonly locks: UnreliableLocks;
  readonly random: (below: number) => number;
}

const users = ['ann', 'ben', 'cho', 'dee', 'eve', 'fay', 'gus', 'hal', 'ida', 'jim'];
const weighted = [
  ...['hold', 'hold', 'hold', 'best', 'best', 'release', 'release', 'commit', 'commit', 'again'],
  ...['sell', 'free', 'giveBack'],
] as const;

/**
 * Does random things to a sale and to a model of it, and throws where they differ. What was acknowledged is in the model;
 * what was not may keep a seat from others after a rebuild, while its hold would have lasted, and no more than that.
 */
export function createSaleModel({ sale, locks, random }: SaleModelOptions) {
  const { seatMap, event } = sale.published;
  const seatIds = seatMap.sections.flatMap((section, sectionIndex) =>
    Array.from({ length: section.seatCount }, (_, seatIndex) => seatMap.seatId({ sectionIndex, seatIndex })),
  );
  const sectionOf = (seatId: string) => seatMap.locate(seatId)!.sectionIndex;
  const model = new Map<string, ModelSeat>();
  /** Commits that were rejected: they may have begun, in whole or in part. */
  const unacknowledged = new Map<string, Unacknowledged>();
  let number = 0;

  const tell = (line: string) => locks.log.push(line);
  const expect = (found: unknown, expected: unknown, what: string) => {
    if (found !== expected) throw new Error(`${what}: found ${String(found)}, expected ${String(expected)}`);
  };
  const pick = <Item>(items: readonly Item[]) => items[random(items.length)]!;
  const countOf = (userId: string) => [...model.values()].filter((seat) => seat.userId === userId).length;
  const isSure = (id: string) => ![...unacknowledged.values()].some((one) => one.seatIds.includes(id));
  const someOf = (ids: readonly string[]) => {
    const one = sectionOf(pick(ids));
    const ofSection = ids.filter((id) => sectionOf(id) === one);
    return [...new Set(Array.from({ length: 1 + random(4) }, () => pick(ofSection)))];
  };
  const having = (state: ModelSeat['state'], userId?: string) =>
    [...model].filter(
      ([id, seat]) => seat.state === state && (!userId || seat.userId === userId) && isSure(id),
    );

  /** Resolves with undefined where the inventory answers 503; other errors pass. */
  const attempt = async <Answer>(what: string, call: () => Promise<Answer>): Promise<Answer | undefined> => {
    tell(what);
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 503) throw error;
      tell('  503');
      return undefined;
    } finally {
      await sale.inventory.drain();
    }
  };
  /** As the orders do it: again until it is done, whatever happens meanwhile. Resolves with whether a rebuild did. */
  const persist = async (what: string, call: () => Promise<unknown>): Promise<boolean> => {
    let rebuilt = false;
    while ((await attempt(what, async () => (await call(), true))) === undefined) {
      if (random(4) === 0) {
        await rebuild();
        rebuilt = true;
      }
    }
    return rebuilt;
  };

  const commit = async (intentId: string, { userId, seatIds: asked }: Unacknowledged, expected: string) => {
    const outcome = await attempt(`commit ${userId} ${asked.join()} ${intentId}`, () =>
      sale.commit(userId, asked, intentId),
    );
    // A rejected one may have begun; it is as it was held, until it is asked again.
    if (outcome === undefined) {
      if (expected === 'committing') unacknowledged.set(intentId, { userId, seatIds: asked });
      return;
    }
    expect(outcome, expected, `commit ${asked.join()}`);
    unacknowledged.delete(intentId);
    if (outcome !== 'committing') sale.endedIntents.add(intentId);
    else for (const id of asked) model.set(id, { state: 'committing', userId, by: intentId });
  };
  const end = async (intentId: string, { userId, seatIds: ids }: Unacknowledged) => {
    sale.endedIntents.add(intentId);
    unacknowledged.delete(intentId);
    for (const id of ids) {
      model.delete(id);
      locks.doubted.add(`${id} ${userId}`);
    }
    await persist(`free ${userId} ${ids.join()} ${intentId}`, () => sale.free(userId, ids, intentId));
    // What a rebuild found held rather than committing is the buyer's hold again.
    await releaseGhosts();
  };

  const steps = {
    async hold() {
      const userId = pick(users);
      const asked = someOf(seatIds);
      const answer = await attempt(`hold ${userId} ${asked.join()}`, () => sale.hold(userId, asked));
      if (!answer) return;
      const isFull = countOf(userId) + asked.length > event.perBuyer;
      const expected = isFull ? 'limit-reached' : asked.some((id) => model.has(id)) ? 'taken' : 'held';
      expect(answer.outcome, expected, `hold ${asked.join()}`);
      if (expected === 'held') for (const id of asked) model.set(id, { state: 'held', userId, by: '' });
    },
    async best() {
      const userId = pick(users);
      const section = pick(seatMap.sections);
      const seatCount = 1 + random(4);
      const sectionIndex = seatMap.sectionIndex(section.id)!;
      const free = seatIds.filter((id) => sectionOf(id) === sectionIndex && !model.has(id));
      const answer = await attempt(`best ${userId} ${section.id} ${seatCount}`, () =>
        sale.hold(userId, { section: section.id, seatCount }),
      );
      if (!answer) return;
      const isFull = countOf(userId) + seatCount > event.perBuyer;
      const expected = isFull ? 'limit-reached' : free.length < seatCount ? 'sold-out' : 'held';
      expect(answer.outcome, expected, `best ${seatCount}`);
      if (answer.outcome !== 'held') return;
      const isRight = answer.seatIds.length === seatCount && answer.seatIds.every((id) => free.includes(id));
      expect(isRight, true, `best available gave ${answer.seatIds.join()}`);
      for (const id of answer.seatIds) model.set(id, { state: 'held', userId, by: '' });
    },
    async release() {
      const userId = pick(users);
      const held = having('held', userId).map(([id]) => id);
      const asked = someOf(held.length > 0 && random(4) > 0 ? held : seatIds).filter(isSure);
      if (asked.length === 0) return;
      const own = asked.filter((id) => model.get(id)?.state === 'held' && model.get(id)?.userId === userId);
      const released = await attempt(`release ${userId} ${asked.join()}`, () =>
        sale.release({ userId }, asked),
      );
      expect(released, own.length > 0, `release ${asked.join()}`);
      for (const id of own) model.delete(id);
    },
    async commit() {
      const own = having('held', pick(users));
      if (own.length === 0) return;
      const userId = own[0]![1].userId;
      const ids = own.map(([id]) => id);
      const asked = new Set(Array.from({ length: 1 + random(3) }, () => pick(ids)));
      // Now and then a seat that is not the buyer's: then none commits, and holds of the sections before have been split.
      if (random(3) === 0) {
        const others = seatIds.filter((id) => isSure(id) && sectionOf(id) === seatMap.sections.length - 1);
        if (others.length > 0) asked.add(pick(others));
      }
      const expected = [...asked].every((id) => ids.includes(id)) ? 'committing' : 'not-held';
      await commit(`intent-${++number}`, { userId, seatIds: [...asked] }, expected);
    },
    async again() {
      if (unacknowledged.size === 0) return;
      const [intentId, asked] = pick([...unacknowledged]);
      await (random(3) === 0 ? end(intentId, asked) : commit(intentId, asked, 'committing'));
    },
    async sell() {
      const committing = having('committing');
      if (committing.length === 0) return;
      const { userId, by } = pick(committing)[1];
      const ids = committing.filter(([, seat]) => seat.by === by).map(([id]) => id);
      const orderId = `order-${by}`;
      sale.endedIntents.add(by);
      sale.tickets.push(...ids.map((seatId) => ({ seatId, userId, orderId })));
      for (const id of ids) model.set(id, { state: 'sold', userId, by: orderId });
      const sell = () =>
        persist(`sell ${userId} ${ids.join()} ${orderId}`, () => sale.sell(userId, ids, orderId));
      await sell();
      if (random(3) === 0) await sell();
    },
    async free() {
      const committing = having('committing');
      if (committing.length === 0) return;
      const { userId, by } = pick(committing)[1];
      await end(by, { userId, seatIds: committing.filter(([, seat]) => seat.by === by).map(([id]) => id) });
    },
    async giveBack() {
      const sold = having('sold');
      if (sold.length === 0) return;
      const { by } = pick(sold)[1];
      const ids = sold.filter(([, seat]) => seat.by === by).map(([id]) => id);
      sale.tickets.splice(0, Infinity, ...sale.tickets.filter((ticket) => ticket.orderId !== by));
      await persist(`return ${ids.join()} ${by}`, () => sale.giveBack(by, ids));
      for (const id of ids) model.delete(id);
      if (random(3) === 0) await sale.giveBack(by, ids);
    },
  };

  const landSome = async () => {
    for (const land of locks.toLand.splice(0)) {
      if (random(2) === 0) locks.toLand.push(land);
      else {
        tell('a late write lands');
        await land();
      }
    }
  };

  const checkSeats = async () => {
    const map = await sale.wholeMap();
    expect(map.agree, true, 'counts agree with the letters');
    const expected = seatMap.sections
      .map((_, index) =>
        seatIds
          .filter((id) => sectionOf(id) === index)
          .map((id) => ({ held: 'h', committing: 'h', sold: 's', none: 'f' })[model.get(id)?.state ?? 'none'])
          .join(''),
      )
      .join('|');
    expect(map.letters, expected, 'seats');
  };

  /** Seats nobody has in the model: free, or those of somebody a write of whom went astray, who gives them back here. */
  async function releaseGhosts() {
    for (const id of seatIds) {
      if (model.has(id)) continue;
      const holder = await sale.holderOf(id);
      if (holder === undefined) continue;
      const [state, owner] = holder.split(' ');
      expect(
        state === 'h' && locks.doubted.has(`${id} ${owner}`),
        true,
        `${id} is free, or doubtful; ${holder}`,
      );
      const released = await attempt(`release ${owner} ${id}, doubtful`, () =>
        sale.release({ userId: owner! }, [id]),
      );
      expect(released, true, `${id} by its holder`);
    }
  }

  async function rebuild() {
    await landSome();
    await sale.inventory.drain();
    tell('Redis is emptied; rebuild');
    await sale.forgetSale();
    await sale.inventory.rebuild(sale.published, sale.saleId);
    for (const [id, { state, userId }] of model) {
      const holder = await sale.holderOf(id);
      const allowed = !isSure(id) || state === 'held' ? [`h ${userId}`] : [];
      if (!isSure(id) || state === 'committing') allowed.push(`c ${userId}`);
      if (state === 'sold') allowed.push(`s ${userId}`);
      expect(allowed.includes(holder ?? ''), true, `${id} is ${allowed.join(' or ')}; ${holder}`);
    }
    await releaseGhosts();
    await checkSeats();
  }

  return {
    async step() {
      await steps[pick(weighted)]();
      if (random(8) === 0) await landSome();
      await checkSeats();
    },
    rebuild,
    /** Ends all that is under way and looks at what DynamoDB is left with once every hold would have lapsed. */
    async finish() {
      for (const [intentId, asked] of [...unacknowledged]) await end(intentId, asked);
      for (const [, { userId, by }] of having('committing')) {
        const ids = having('committing').filter(([, seat]) => seat.by === by);
        if (ids.length > 0) await end(by, { userId, seatIds: ids.map(([id]) => id) });
      }
      await rebuild();
      for (const land of locks.toLand.splice(0)) await land();
      await sale.inventory.drain();
      for (const [sectionIndex, section] of seatMap.sections.entries()) {
        const plan = planSection({
          ...{ saleId: sale.saleId, seatMap, sectionIndex, epoch: 1000, blockRest: false },
          ...{ endedIntents: sale.endedIntents, tickets: sale.tickets },
          nowMs: sale.clock.nowMs() + event.holdTtlMs + 1000,
          items: await readLockItems(sale.dynamodb, sale.lockTable, sale.saleId, section),
        });
        expect(plan.counts.held, 0, `seats of ${section.id} kept from others for longer than a hold lasts`);
      }
    },
  };
}
