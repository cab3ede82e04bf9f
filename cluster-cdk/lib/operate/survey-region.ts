import { busySales, type ListedEvent } from './busy-sales.ts';

export type Answer =
  | { readonly outcome: 'ok'; readonly stdout: string }
  | { readonly outcome: 'failed'; readonly message: string };
/** Runs a program and gives what it printed. */
export type Ask = (program: 'aws' | 'kubectl', ...args: string[]) => Answer;

export type Survey =
  | { readonly outcome: 'free' }
  | { readonly outcome: 'busy'; readonly sales: readonly string[] }
  | { readonly outcome: 'unknown'; readonly reason: string };

const unknown = (reason: string): Survey => ({ outcome: 'unknown', reason: reason.trim() });

/**
 * Whether sales are under way in a Region. A cluster that is not there and one that never heard of TicketEvents have none;
 * whatever cannot be asked is unknown, and a deployment must take that for a sale.
 */
export function surveyRegion(
  ask: Ask,
  {
    profile,
    region,
    kubeconfig,
    nowMs,
  }: { profile: string; region: string; kubeconfig: string; nowMs: number },
): Survey {
  const name = `onsale-${profile}`;
  const cluster = ask('aws', 'eks', 'describe-cluster', '--region', region, '--name', name);
  if (cluster.outcome === 'failed')
    return cluster.message.includes('(ResourceNotFoundException)')
      ? { outcome: 'free' }
      : unknown(cluster.message);
  const access = ask(
    'aws',
    ...['eks', 'update-kubeconfig', '--region', region, '--name', name, '--kubeconfig', kubeconfig],
  );
  if (access.outcome === 'failed') return unknown(access.message);
  const events = ask(
    'kubectl',
    ...['--kubeconfig', kubeconfig, 'get', 'ticketevents.onsale.dev', '--all-namespaces', '--output', 'json'],
  );
  if (events.outcome === 'failed')
    return events.message.includes("the server doesn't have a resource type")
      ? { outcome: 'free' }
      : unknown(events.message);
  try {
    const { items } = JSON.parse(events.stdout) as { items: ListedEvent[] };
    const sales = busySales(items, region, nowMs);
    return sales.length === 0 ? { outcome: 'free' } : { outcome: 'busy', sales };
  } catch (error) {
    return unknown(`kubectl answered no list: ${String(error)}`);
  }
}
