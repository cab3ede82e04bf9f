/** The ten invariants of the design, by number, and 0 for what the wire contract says of every answer. */
export type InvariantNumber = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10;

/** One thing that must not be. */
export interface Violation {
  readonly invariant: InvariantNumber;
  /** Says who, what and when. */
  readonly message: string;
}

/** A time of the run as its reader knows it: hh:mm:ss.mmm, UTC. */
export function at(timeMs: number): string {
  if (!Number.isFinite(timeMs)) return 'never';
  return new Date(timeMs).toISOString().slice(11, 23);
}

/** A span of two such times. */
export function span(startMs: number, endMs: number): string {
  return `${at(startMs)}–${at(endMs)}`;
}
