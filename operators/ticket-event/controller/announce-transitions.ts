import type { TicketEventStatus } from '@onsale/contracts/ticket-event/ticket-event-status';
import type { TicketEventResource } from '../plan/ticket-event-resource.ts';
import type { ClusterWriter } from './cluster-writer.ts';

/** Records a Kubernetes Event for each transition from the resource's status to this one. */
export async function announceTransitions(
  writer: Pick<ClusterWriter, 'recordEvent'>,
  resource: TicketEventResource,
  status: TicketEventStatus,
): Promise<void> {
  const before = resource.status;
  if (before?.phase !== status.phase) {
    const note = `${before?.phase ?? 'New'} becomes ${status.phase}`;
    await writer.recordEvent(resource, 'Normal', status.phase!, note);
  }
  for (const type of ['Published', 'Degraded'] as const) {
    const now = status.conditions?.find((one) => one.type === type);
    const old = before?.conditions?.find((one) => one.type === type);
    if (!now || now.status === old?.status) continue;
    const bad =
      type === 'Degraded' ? now.status === 'True' : now.status === 'False' && now.reason !== 'DryRun';
    if (bad || old) await writer.recordEvent(resource, bad ? 'Warning' : 'Normal', now.reason, now.message);
  }
}
