import type { AdminAddress } from '../admin-client.ts';
import type { RunState } from '../run-state.ts';

/** What every command is told by the options all of them share. */
export interface CommandContext {
  /** The local runner; rejects, saying what to do, when there is none. */
  localRun(): Promise<RunState>;
  /** Where public-api's admin routes are: as named, else the local runner's. */
  admin(): Promise<AdminAddress>;
  /** The admin token every service is asked with. */
  adminToken(): string;
}
