import { iterationsOf, type Profile } from './profile.ts';

/** Sections of a published event, as seat ids need them. */
export interface FixtureSection {
  readonly id: string;
  /** Rows number on through the sections of an event, from 1. */
  readonly firstRow: number;
  readonly rows: number;
  readonly seatsPerRow: number;
}

export interface FixtureEvent {
  readonly eventId: string;
  readonly sections: readonly FixtureSection[];
}

/** What a run asks for: events that are published, their seats, and how its buyers are called. */
export interface Fixtures {
  /** Where seats are bought one by one, each by a buyer of its own. */
  readonly events: readonly FixtureEvent[];
  /** One small section that rivals race for. */
  readonly lastSeats: FixtureEvent;
  /** Begins every buyer's name, so that runs do not meet each other's buyers. */
  readonly buyerPrefix: string;
}

export interface Seat {
  readonly eventId: string;
  readonly sectionId: string;
  readonly seatId: string;
}

const seatsIn = ({ rows, seatsPerRow }: FixtureSection) => rows * seatsPerRow;

/** Seats of all events together. */
export function seatCount(events: readonly FixtureEvent[]): number {
  return events.reduce((sum, { sections }) => sum + sections.reduce((all, one) => all + seatsIn(one), 0), 0);
}

/** The seat of a number, through all events and over again: neighbours in number are neighbours in the house. */
export function seatAt(events: readonly FixtureEvent[], index: number): Seat {
  let left = index % seatCount(events);
  for (const { eventId, sections } of events) {
    for (const section of sections) {
      if (left < seatsIn(section)) {
        const row = section.firstRow + Math.floor(left / section.seatsPerRow);
        return { eventId, sectionId: section.id, seatId: `R${row}C${(left % section.seatsPerRow) + 1}` };
      }
      left -= seatsIn(section);
    }
  }
  throw new Error('the fixtures have no seats');
}

const seatsPerRow = 50;
const rowsPerSection = 40;
const sectionsPerEvent = 20;

/** The events a profile needs: a seat for every purchase, and some over. */
export function planFixtures(profile: Profile, runName: string): Fixtures {
  const needed = Math.ceil(iterationsOf(profile, 'journey') * 1.1) + 50;
  const sectionCount = Math.ceil(needed / (seatsPerRow * rowsPerSection));
  const events: FixtureEvent[] = [];
  for (let first = 0; first < sectionCount; first += sectionsPerEvent) {
    const count = Math.min(sectionsPerEvent, sectionCount - first);
    events.push({
      eventId: `${runName}-${events.length + 1}`,
      sections: Array.from({ length: count }, (_, index) => ({
        id: `S${index + 1}`,
        firstRow: index * rowsPerSection + 1,
        rows: rowsPerSection,
        seatsPerRow,
      })),
    });
  }
  return {
    events,
    lastSeats: {
      eventId: `${runName}-last`,
      sections: [{ id: 'LAST', firstRow: 1, rows: 1, seatsPerRow: profile.lastSeats }],
    },
    buyerPrefix: runName,
  };
}
