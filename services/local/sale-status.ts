import type { SaleStatus } from '@onsale/contracts/http/sale-status-routes';
import { type AdminAddress, callAdmin } from './admin-client.ts';

/** The status line's text: where each sale stands. */
export async function saleStatusText(admin: AdminAddress, eventIds: readonly string[]): Promise<string> {
  const parts = await Promise.all(
    eventIds.map(async (eventId) => {
      const status = await callAdmin<SaleStatus>(
        admin,
        'GET',
        `/admin/sales/${encodeURIComponent(eventId)}/status`,
      );
      const untilOpen = Math.ceil((Date.parse(status.opensAt) - Date.now()) / 1000);
      const state = status.state === 'on-sale' || untilOpen <= 0 ? status.state : `opens in ${untilOpen} s`;
      return `${eventId} ${state} · entered ${status.entered} · admitted ${status.admitted} · held ${status.held} · sold ${status.sold} · queue ${status.queue}`;
    }),
  );
  return parts.join('  |  ');
}
