import { createHash } from 'node:crypto';
import type { PublishedEvent } from '@onsale/contracts/sale/published-event';
import type { SaleId } from '@onsale/contracts/sale/sale-id';
import { asUnavailable } from '@onsale/platform/engine-errors';
import type { RedisClient } from '@onsale/platform/redis';
import { createSingleFlightCache } from '@onsale/platform/single-flight-cache';
import type { Registry } from 'prom-client';
import { rebuildingError, saleSection, type SaleSection } from './sale-sections.ts';
import type { SeatInventory, SeatMapSnapshot, SectionSnapshot, SectionSummary } from './seat-inventory.ts';
import { loadSectionScript } from './section-script.ts';

const readSectionScript = loadSectionScript('read-section-2.lua');

/** Reads answered from this process's memory while Redis is away; buyers see a map a little old rather than none. */
const staleOnErrorMs = 2000;
/** Practice rounds come and go; a few sales are on at once. */
const maxSalesKept = 64;
const maxSectionsKept = 2000;

interface Reading {
  readonly published: PublishedEvent;
  readonly saleId: SaleId;
}

/**
 * Reads of seats, each at most this long old and asked of Redis once however many ask. A map costs one HMGET a section (1 µs
 * of Redis) and the bytes only of sections that changed; a script that guards each read would cost ten times that.
 */
export function createSeatReads(
  redis: RedisClient,
  ttlMs: number,
  registry: Registry,
): Pick<SeatInventory, 'readSummary' | 'readSeatMap' | 'knownSummary' | 'knownSeatMap' | 'countFree'> {
  const common = { ttlMs, staleOnErrorMs: ttlMs === 0 ? 0 : staleOnErrorMs, registry };

  const wrapped = async <Value>(read: () => Promise<Value>): Promise<Value> => {
    try {
      return await read();
    } catch (error) {
      throw asUnavailable(error) ?? error;
    }
  };
  const readHeader = async ({ keys }: SaleSection): Promise<SectionSummary> => {
    const [epoch, masters, version, free, held, sold, blocked, updatedAtMs] = await redis.hmget(
      keys.header,
      ...['epoch', 'masters', 'version', 'free', 'held', 'sold', 'blocked', 'updatedAtMs'],
    );
    // No masters: frozen until it is published anew.
    if (!epoch || !masters) throw rebuildingError();
    return {
      version: `${epoch}.${version}`,
      free: Number(free),
      held: Number(held),
      sold: Number(sold),
      blocked: Number(blocked),
      updatedAtMs: Number(updatedAtMs),
    };
  };
  const readBytes = async (target: SaleSection): Promise<SectionSnapshot> => {
    const { keys } = target;
    const [outcome, ...read] = await readSectionScript.run(redis, [keys.header, keys.seats], ['']);
    if (outcome !== 'read') throw rebuildingError();
    const [epoch, version, free, held, sold, blocked, updatedAtMs, seats] = read;
    return {
      version: `${String(epoch)}.${String(version)}`,
      free: Number(free),
      held: Number(held),
      sold: Number(sold),
      blocked: Number(blocked),
      updatedAtMs: Number(updatedAtMs),
      seats: String(seats),
    };
  };
  const allSections = ({ published, saleId }: Reading) =>
    published.seatMap.sections.map((_, index) => saleSection(published, saleId, index));

  const lastMaps = new Map<SaleId, SeatMapSnapshot>();
  const readMap = async (reading: Reading): Promise<SeatMapSnapshot> => {
    const last = lastMaps.get(reading.saleId);
    const targets = allSections(reading);
    const headers = await Promise.all(targets.map(readHeader));
    const sections = await Promise.all(
      targets.map(async (target, index) => {
        const known = last?.sections[index];
        return known?.version === headers[index]!.version ? known : readBytes(target);
      }),
    );
    if (last && sections.every((section, index) => section === last.sections[index])) return last;
    const versions = sections.map((section) => section.version).join();
    const snapshot = {
      saleId: reading.saleId,
      version: createHash('sha1').update(`${reading.saleId} ${versions}`).digest('base64url').slice(0, 16),
      updatedAtMs: Math.max(...sections.map((section) => section.updatedAtMs)),
      sections,
    };
    lastMaps.delete(reading.saleId);
    lastMaps.set(reading.saleId, snapshot);
    if (lastMaps.size > maxSalesKept) lastMaps.delete(lastMaps.keys().next().value!);
    return snapshot;
  };

  // Keyed by name; what a load needs besides is the same for all who ask under it.
  const asked = new Map<string, Reading & { sectionIndex: number }>();
  const remember = (key: string, reading: Reading & { sectionIndex: number }) => {
    asked.delete(key);
    asked.set(key, reading);
    if (asked.size > maxSectionsKept) asked.delete(asked.keys().next().value!);
  };
  const summaries = createSingleFlightCache<string, SectionSummary>({
    name: 'seat-summary',
    ...common,
    maxEntries: maxSectionsKept,
    load: (key) =>
      wrapped(() => {
        const { published, saleId, sectionIndex } = asked.get(key)!;
        return readHeader(saleSection(published, saleId, sectionIndex));
      }),
  });
  const maps = createSingleFlightCache<string, SeatMapSnapshot>({
    name: 'seat-map',
    ...common,
    maxEntries: maxSalesKept,
    load: (key) => wrapped(() => readMap(asked.get(key)!)),
  });
  const counts = createSingleFlightCache<string, number>({
    name: 'seat-count',
    ...common,
    maxEntries: maxSalesKept,
    load: (key) =>
      wrapped(async () => {
        const headers = await Promise.all(allSections(asked.get(key)!).map(readHeader));
        return headers.reduce((sum, header) => sum + header.free, 0);
      }),
  });

  const summaryKey = (saleId: SaleId, sectionIndex: number) => `${saleId} ${sectionIndex}`;
  return {
    readSummary(published, saleId, sectionIndex) {
      const key = summaryKey(saleId, sectionIndex);
      remember(key, { published, saleId, sectionIndex });
      return summaries.get(key);
    },
    readSeatMap(published, saleId) {
      remember(saleId, { published, saleId, sectionIndex: 0 });
      return maps.get(saleId);
    },
    knownSummary: (saleId, sectionIndex) => summaries.peek(summaryKey(saleId, sectionIndex)),
    knownSeatMap: (saleId) => maps.peek(saleId),
    countFree(published, saleId) {
      remember(saleId, { published, saleId, sectionIndex: 0 });
      return counts.get(saleId);
    },
  };
}
