import type { EventDefinition, SaleTimes } from '../sale/event-definition.ts';
import { durationMs } from '../sale/duration.ts';
import { SeatMap } from '../sale/seat-map.ts';
import type { TicketEvent } from './ticket-event.ts';

export type DefinedEvent =
  | { readonly outcome: 'defined'; readonly event: EventDefinition }
  | { readonly outcome: 'invalid'; readonly problems: readonly string[] };

const halfAnHourMs = 1_800_000;

/**
 * Resolves a TicketEvent that matches its schema: defaults filled in, instants and durations as milliseconds, relations
 * between fields checked. Every problem is named with its path.
 */
export function defineEvent({ spec }: TicketEvent): DefinedEvent {
  const problems: string[] = [];
  const sale = saleTimes(spec.sale, problems);
  const sections = spec.venue?.sections ?? [];
  if ((spec.venue === undefined) === (spec.generalAdmission === undefined)) {
    problems.push('spec: exactly one of venue and generalAdmission is needed');
  }
  if (new Set(sections.map((section) => section.id)).size !== sections.length) {
    problems.push('spec.venue.sections: ids must be unique');
  }
  const seats = sections.reduce((sum, section) => sum + section.rows * section.seatsPerRow, 0);
  if (seats > 1_000_000) problems.push('spec.venue.sections: more than 1,000,000 seats');
  if (sections.reduce((sum, section) => sum + section.rows, 0) > 99_999) {
    problems.push('spec.venue.sections: more than 99,999 rows');
  }
  problems.push(...misplacedSpaces(sections));
  const holdTtlMs = durationMs(spec.limits?.holdTtl ?? '3m');
  if (holdTtlMs < 1000 || holdTtlMs > 3_600_000) problems.push('spec.limits.holdTtl: must be 1s to 1h');
  const roomOpensAtMs = spec.waitingRoom?.opensAt ? Date.parse(spec.waitingRoom.opensAt) : undefined;
  if (roomOpensAtMs !== undefined && sale.kind === 'windows') {
    problems.push(
      'spec.waitingRoom.opensAt: a windowed sale opens its room when the round before has closed',
    );
  }
  if (roomOpensAtMs !== undefined && sale.kind === 'once' && roomOpensAtMs > sale.opensAtMs) {
    problems.push('spec.waitingRoom.opensAt: must not be after spec.sale.opensAt');
  }
  if (
    spec.timeZone &&
    !Intl.supportedValuesOf('timeZone').includes(spec.timeZone) &&
    spec.timeZone !== 'UTC'
  ) {
    problems.push(`spec.timeZone: ${spec.timeZone} is no IANA time zone`);
  }
  if (problems.length > 0) return { outcome: 'invalid', problems };
  return {
    outcome: 'defined',
    event: {
      eventId: spec.eventId,
      title: spec.title,
      homeRegion: spec.homeRegion,
      currency: spec.venue?.currency ?? 'KRW',
      startsAtMs: spec.startsAt
        ? Date.parse(spec.startsAt)
        : sale.kind === 'once'
          ? sale.closesAtMs
          : Number.MAX_SAFE_INTEGER,
      timeZone: spec.timeZone ?? 'Asia/Seoul',
      sale,
      sections: sections.map(({ price, ...section }) => ({ ...section, priceMinor: price })),
      generalAdmission: spec.generalAdmission && {
        capacity: spec.generalAdmission.capacity,
        priceMinor: spec.generalAdmission.price,
      },
      perBuyer: spec.limits?.perBuyer ?? 4,
      holdTtlMs,
      waitingRoom: {
        opensBeforeMs:
          sale.kind === 'windows'
            ? sale.everyMs - sale.openForMs
            : roomOpensAtMs === undefined
              ? halfAnHourMs
              : sale.opensAtMs - roomOpensAtMs,
        ratePerSecond: spec.waitingRoom?.ratePerSecond ?? 100,
        maxActive: spec.waitingRoom?.maxActive ?? 10_000,
      },
      suspend: spec.suspend ?? false,
    },
  };
}

type Sections = NonNullable<TicketEvent['spec']['venue']>['sections'];

/** A space and its companion seat lie side by side in a row of their section, and nobody else's are these seats. */
function misplacedSpaces(sections: Sections): string[] {
  if (sections.every(({ wheelchairSpaces = [] }) => wheelchairSpaces.length === 0)) return [];
  const seatMap = new SeatMap(sections.map(({ price, ...section }) => ({ ...section, priceMinor: price })));
  const named = new Set<string>();
  return sections.flatMap(({ id, seatsPerRow, wheelchairSpaces = [] }, sectionIndex) =>
    wheelchairSpaces.flatMap(({ space, companion }) => {
      const seats = [space, companion];
      const path = `spec.venue.sections: ${id}: ${space} and ${companion}`;
      const [one, other] = seats.map((seatId) => seatMap.locate(seatId));
      if (one?.sectionIndex !== sectionIndex || other?.sectionIndex !== sectionIndex) {
        return [`${path}: both must be seats of the section`];
      }
      const rows = [one, other].map(({ seatIndex }) => Math.floor(seatIndex / seatsPerRow));
      if (Math.abs(one.seatIndex - other.seatIndex) !== 1 || rows[0] !== rows[1]) {
        return [`${path}: a companion seat is beside its space`];
      }
      const isNamed = seats.some((seatId) => named.has(seatId));
      for (const seatId of seats) named.add(seatId);
      return isNamed ? [`${path}: a seat is named once`] : [];
    }),
  );
}

function saleTimes(sale: TicketEvent['spec']['sale'], problems: string[]): SaleTimes {
  if (sale.windows) {
    if (sale.opensAt || sale.closesAt) problems.push('spec.sale: either windows or opensAt and closesAt');
    const everyMs = durationMs(sale.windows.every);
    const openForMs = durationMs(sale.windows.openFor);
    if (everyMs < 2000) problems.push('spec.sale.windows.every: must be at least 2s');
    if (openForMs >= everyMs || openForMs === 0) {
      problems.push('spec.sale.windows.openFor: must be longer than 0 and shorter than every');
    }
    return { kind: 'windows', everyMs, openForMs };
  }
  if (!sale.opensAt || !sale.closesAt) {
    problems.push('spec.sale: opensAt and closesAt are needed, or windows');
    return { kind: 'once', opensAtMs: 0, closesAtMs: 0 };
  }
  const opensAtMs = Date.parse(sale.opensAt);
  const closesAtMs = Date.parse(sale.closesAt);
  if (!(opensAtMs < closesAtMs)) problems.push('spec.sale.closesAt: must be after opensAt');
  return { kind: 'once', opensAtMs, closesAtMs };
}
