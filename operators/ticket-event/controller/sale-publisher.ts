import type { SalePlan } from '../plan/plan-fleet.ts';
import type { TicketEventResource } from '../plan/ticket-event-resource.ts';
import { publicationOf, type Publisher } from './publication.ts';
import type { PublishedState } from './sale-status.ts';

/** Keeps the services in step with the cluster. */
export interface SalePublisher {
  tell(
    key: string,
    resource: TicketEventResource,
    plan: SalePlan,
    opening: { readonly opensAtMs: number } | undefined,
    nowMs: number,
  ): Promise<PublishedState>;
  /** A sale that is gone; the services keep what they were told. */
  forget(key: string): void;
}

/** Tells what changed at once, and all of it again each `republishMs`, so that services that lost a sale learn it. */
export function createSalePublisher(publish: Publisher | undefined, republishMs: number): SalePublisher {
  const told = new Map<string, { hash: string; atMs: number; state: PublishedState }>();
  return {
    async tell(key, resource, plan, opening, nowMs) {
      const { generation } = resource.metadata;
      const was = { generation: resource.status?.publishedGeneration, hash: resource.status?.publishedHash };
      if (plan.role === 'elsewhere') {
        const message = `Publishes in ${resource.spec.homeRegion}`;
        return { status: 'False', reason: 'NotHome', message, ...was };
      }
      if (plan.role === 'dry-run') {
        return { status: 'False', reason: 'DryRun', message: 'A dry run is not published', ...was };
      }
      if (!publish) {
        return { status: 'Unknown', reason: 'ByHand', message: 'This operator has no admin address', ...was };
      }
      const { document, hash } = publicationOf(
        resource,
        opening && {
          opensAtMs: opening.opensAtMs,
          plannedAtMs: plan.timeline.plannedOpensAtMs,
          roomOpensAtMs: plan.timeline.roomOpensAtMs,
        },
      );
      const last = told.get(key);
      if (last?.hash === hash && last.state.status === 'True' && nowMs - last.atMs < republishMs) {
        return { ...last.state, generation };
      }
      const answer = await publish(document);
      const state: PublishedState =
        answer.outcome === 'published'
          ? {
              status: 'True',
              reason: 'Published',
              message: 'The services sell by this generation',
              generation,
              hash,
            }
          : {
              status: 'False',
              reason: answer.outcome === 'refused' ? 'Refused' : 'Unreachable',
              message: answer.message,
              ...was,
            };
      told.set(key, { hash, atMs: nowMs, state });
      return state;
    },
    forget: (key) => void told.delete(key),
  };
}
