import type { PublishedEvent } from '@onsale/contracts/sale/published-event';
import type { SaleId } from '@onsale/contracts/sale/sale-id';
import type { SeatMapSection, SeatPosition } from '@onsale/contracts/sale/seat-map';
import { asUnavailable } from '@onsale/platform/engine-errors';
import { ApiError } from '@onsale/platform/http/api-error';
import type { RedisClient } from '@onsale/platform/redis';
import { ScriptKeys } from '@onsale/platform/script-command';
import { sectionKeys, type SectionKeys } from './inventory-keys.ts';
import type { SaleEpochs } from './sale-epochs.ts';
import { sectionAnswer, type SectionAnswer, type SectionScript } from './section-script.ts';

/** One section of one sale. */
export interface SaleSection {
  readonly published: PublishedEvent;
  readonly saleId: SaleId;
  readonly sectionIndex: number;
  readonly section: SeatMapSection;
  readonly keys: SectionKeys;
  /** Its keys for scripts that take six, and for those that take the returned seats as well. */
  readonly live: ScriptKeys;
  readonly all: ScriptKeys;
}

/** The sections of each event's sale last asked for: every hold asks, nearly always for the same sale. */
const lastAsked = new WeakMap<PublishedEvent, { saleId: SaleId; sections: SaleSection[] }>();

/** Finds a section of a sale; the index must lie in the event. */
export function saleSection(published: PublishedEvent, saleId: SaleId, sectionIndex: number): SaleSection {
  let last = lastAsked.get(published);
  if (last?.saleId !== saleId) {
    last = { saleId, sections: [] };
    lastAsked.set(published, last);
  }
  return (last.sections[sectionIndex] ??= makeSaleSection(published, saleId, sectionIndex));
}

function makeSaleSection(published: PublishedEvent, saleId: SaleId, sectionIndex: number): SaleSection {
  const { sections } = published.seatMap;
  const keys = sectionKeys(saleId, sectionIndex, sections.length);
  return {
    ...{ published, saleId, sectionIndex, keys },
    section: sections[sectionIndex]!,
    live: new ScriptKeys(keys.live),
    all: new ScriptKeys([...keys.live, keys.returned]),
  };
}

/** Seat positions by section, each section's indexes ascending and as the scripts take them. */
export function seatsBySection(seats: readonly SeatPosition[]): Map<number, string> {
  const [first] = seats;
  if (first && seats.length === 1) return new Map([[first.sectionIndex, String(first.seatIndex)]]);
  const indexes = new Map<number, Set<number>>();
  for (const { sectionIndex, seatIndex } of seats) {
    let own = indexes.get(sectionIndex);
    if (!own) indexes.set(sectionIndex, (own = new Set()));
    own.add(seatIndex);
  }
  // In the order of the sections, so that two orders over several sections touch them alike.
  return new Map(
    [...indexes]
      .sort(([one], [other]) => one - other)
      .map(([sectionIndex, own]) => [sectionIndex, [...own].sort((a, b) => a - b).join(',')]),
  );
}

/** Where seats lie that were validated before; an unknown one is a caller's bug. */
export function locateSeats(published: PublishedEvent, seatIds: readonly string[]): SeatPosition[] {
  return seatIds.map((seatId) => {
    const position = published.seatMap.locate(seatId);
    if (!position) throw new Error(`${published.event.eventId} has no seat ${seatId}`);
    return position;
  });
}

/** Runs a script on a section in the sale's epoch; resolves with its answer and the epoch, rejects with 503. */
export type RunInSection = (
  script: SectionScript,
  target: SaleSection,
  args: readonly (string | number)[],
) => Promise<{ answer: SectionAnswer; epoch: number | undefined }>;

/** Makes {@link RunInSection}. Scripts that take a seventh key get the section's returned seats. */
export function createRunInSection(redis: RedisClient, epochs: SaleEpochs): RunInSection {
  return async (script, target, args) => {
    const keys = script.keyCount === 7 ? target.all : target.live;
    let epoch = await epochs.lastKnown(target.saleId);
    for (let attempt = 1; ; attempt++) {
      let answer: SectionAnswer;
      try {
        answer = sectionAnswer(await script.run(redis, keys, [epoch ?? '', ...args]));
      } catch (error) {
        throw asUnavailable(error) ?? error;
      }
      if (answer[0] === 'stale' && attempt === 1) {
        // The sale was rebuilt since this process last read its epoch.
        epoch = await epochs.read(target.saleId).catch((cause: unknown) => {
          throw new ApiError('unavailable', 'The sale could not be looked up; try again', { cause });
        });
        continue;
      }
      if (answer[0] === 'rebuilding' || answer[0] === 'stale') throw rebuildingError();
      return { answer, epoch };
    }
  };
}

export function rebuildingError(): ApiError {
  return new ApiError('rebuilding', 'The seats are being restored; try again in a moment');
}
