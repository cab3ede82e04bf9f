import type { SaleStatus } from '@onsale/contracts/http/sale-status-routes';
import { type AdminAddress, callAdmin } from '@onsale/local/admin-client';
import type { Source } from './source.ts';

/**
 * Replicas that say they serve, live, as public-api hears them: a pod counts from its first heartbeat. Any sale can be asked
 * about, for they share their pods; a small one costs least.
 */
export function heartbeatSource(admin: AdminAddress, eventId: string): Source {
  return {
    name: 'heartbeats',
    async read() {
      const status = await callAdmin<SaleStatus>(admin, 'GET', `/admin/sales/${eventId}/status`);
      const atMs = Date.now();
      return status.capacity.pods.map(({ service, live }) => ({
        atMs,
        kind: 'pods' as const,
        deployment: service,
        ready: live,
        by: 'heartbeat',
      }));
    },
  };
}
