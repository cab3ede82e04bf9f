import type { EventDefinition } from '@onsale/contracts/sale/event-definition';

/**
 * The path of the first field that differs although it may not once the event is published: who it is, where it sells,
 * what seats or stock there are, and their prices. Undefined when only times, limits, rates, title or suspend differ.
 */
export function immutableField(published: EventDefinition, next: EventDefinition): string | undefined {
  if (published.eventId !== next.eventId) return 'spec.eventId';
  if (published.homeRegion !== next.homeRegion) return 'spec.homeRegion';
  return saleField(published, next) ?? stockField(published, next) ?? venueField(published, next);
}

/** A round's number is the time divided by the period: another period would give later rounds the numbers of past ones. */
function saleField(
  { sale: published }: EventDefinition,
  { sale: next }: EventDefinition,
): string | undefined {
  if (published.kind !== next.kind) return 'spec.sale.windows';
  if (published.kind === 'windows' && next.kind === 'windows' && published.everyMs !== next.everyMs) {
    return 'spec.sale.windows.every';
  }
  return undefined;
}

function stockField(published: EventDefinition, next: EventDefinition): string | undefined {
  const stock = published.generalAdmission;
  const nextStock = next.generalAdmission;
  if ((stock === undefined) !== (nextStock === undefined)) return 'spec.generalAdmission';
  if (stock?.capacity !== nextStock?.capacity) return 'spec.generalAdmission.capacity';
  return stock?.priceMinor === nextStock?.priceMinor ? undefined : 'spec.generalAdmission.price';
}

function venueField(published: EventDefinition, next: EventDefinition): string | undefined {
  if (published.currency !== next.currency) return 'spec.venue.currency';
  if (published.sections.length !== next.sections.length) return 'spec.venue.sections';
  for (const [index, section] of published.sections.entries()) {
    const nextSection = next.sections[index];
    const path = `spec.venue.sections.${index}`;
    if (section.id !== nextSection?.id) return `${path}.id`;
    if (section.rows !== nextSection.rows) return `${path}.rows`;
    if (section.seatsPerRow !== nextSection.seatsPerRow) return `${path}.seatsPerRow`;
    if (section.priceMinor !== nextSection.priceMinor) return `${path}.price`;
  }
  return undefined;
}
