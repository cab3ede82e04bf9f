import { isDeepStrictEqual } from 'node:util';
import type { Lever, LeverState } from '../levers/lever.ts';
import type { DataLever } from '../plan/sale-demand.ts';
import type { TicketEventResource } from '../plan/ticket-event-resource.ts';
import type { FleetView } from './fleet-view.ts';

/** Capacity outside the cluster, and how it was last seen. */
export interface LeverStates {
  /** Moves one lever towards the plan; resolves to whether its state is another now. */
  apply(key: string, now: FleetView): Promise<{ readonly changed: boolean; readonly busy: boolean }>;
  /** The levers a sale names, by kind. */
  of(sale: string, now: FleetView): Map<DataLever, LeverState>;
  /** Lets go what only this resource, which is being deleted, had a need for. */
  release(resource: TicketEventResource, now: FleetView): Promise<void>;
}

const unconfigured: LeverState = { state: 'manual', message: 'This operator has no access to AWS' };
const unseen: LeverState = { state: 'idle', message: 'Not looked at yet' };

export function createLeverStates(levers: Partial<Record<DataLever, Lever>>): LeverStates {
  const states = new Map<string, LeverState>();
  return {
    async apply(key, now) {
      const plan = now.levers.get(key);
      const lever = plan && levers[plan.lever];
      if (!plan || !lever) return { changed: false, busy: false };
      let state: LeverState;
      try {
        state = await lever.apply(plan.id, plan.wanted);
      } catch (error) {
        state = { state: 'failed', message: (error as Error).message };
      }
      const changed = !isDeepStrictEqual(states.get(key), state);
      states.set(key, state);
      return { changed, busy: plan.wanted !== undefined || state.state !== 'idle' };
    },
    of(sale, now) {
      const named = new Map<DataLever, LeverState>();
      for (const [key, plan] of now.levers) {
        if (!plan.sales.includes(sale)) continue;
        named.set(plan.lever, levers[plan.lever] ? (states.get(key) ?? unseen) : unconfigured);
      }
      return named;
    },
    async release({ spec }, now) {
      const { alb, aurora } = spec.dependencies ?? {};
      const named: [DataLever, string | undefined][] = [
        ['alb', alb?.arn],
        ['aurora', aurora?.clusterId],
      ];
      for (const [lever, id] of named) {
        if (id && !now.levers.get(`${lever}/${id}`)?.wanted) await levers[lever]?.apply(id, undefined);
      }
    },
  };
}
