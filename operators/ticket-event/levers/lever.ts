/** What a lever reports after a look, for a TicketEvent's status. */
export interface LeverState {
  /** manual: a person must act, the message says how. */
  readonly state: 'idle' | 'requested' | 'ready' | 'manual' | 'failed';
  readonly message: string;
}

/** Remembers a value over restarts of the operator. */
export interface LeverMemory {
  get(key: string): string | undefined;
  set(key: string, value: string | undefined): Promise<void>;
}

/** Capacity outside the cluster. Every call describes before it changes, so two writers converge. */
export interface Lever {
  /** What stands in the way of `amount`, in words; empty when nothing does. Changes nothing. */
  preflight(id: string, wanted: { amount: number; readUnits?: number }): Promise<readonly string[]>;
  /** Moves towards `wanted`, or back to what was there before when it is undefined, and reports. */
  apply(id: string, wanted: { amount: number; readUnits?: number } | undefined): Promise<LeverState>;
}
