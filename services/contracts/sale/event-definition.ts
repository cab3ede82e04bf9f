/** A TicketEvent with its durations and instants resolved to numbers: what the services sell by. Prices in minor units. */
export interface EventDefinition {
  readonly eventId: string;
  readonly title: string;
  readonly homeRegion: string;
  /** ISO 4217 code. */
  readonly currency: string;
  /** When the event itself takes place; cancelling ends then. */
  readonly startsAtMs: number;
  readonly timeZone: string;
  readonly sale: SaleTimes;
  /** Seated events have sections; general admission has stock instead. */
  readonly sections: readonly SectionDefinition[];
  readonly generalAdmission: { readonly capacity: number; readonly priceMinor: number } | undefined;
  readonly perBuyer: number;
  readonly holdTtlMs: number;
  readonly waitingRoom: {
    /** How long before each opening the room lets buyers in. */
    readonly opensBeforeMs: number;
    readonly ratePerSecond: number;
    readonly maxActive: number;
  };
  /** Freezes admission where it is. */
  readonly suspend: boolean;
}

export type SaleTimes =
  | { readonly kind: 'once'; readonly opensAtMs: number; readonly closesAtMs: number }
  | { readonly kind: 'windows'; readonly everyMs: number; readonly openForMs: number };

export interface SectionDefinition {
  readonly id: string;
  readonly rows: number;
  readonly seatsPerRow: number;
  readonly priceMinor: number;
  /** Names of neighbouring seats of the section; no seat is named twice. */
  readonly wheelchairSpaces?: readonly { readonly space: string; readonly companion: string }[];
}
