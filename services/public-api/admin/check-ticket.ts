import type { GateCheck } from '@onsale/contracts/http/gate-check-route';
import { checkTicket, type TicketCheck } from '@onsale/orders/gate/check-ticket';
import { createTicketCodes } from '@onsale/orders/gate/ticket-codes';
import { ApiError } from '@onsale/platform/http/api-error';
import type { Pool } from 'pg';

/** Makes the check of ticket codes as the contract answers it; without ticket keys no code can be checked. */
export function createTicketChecker(pool: Pool, keys: readonly string[] | undefined) {
  const codes = keys && createTicketCodes(keys);
  return async (check: TicketCheck): Promise<GateCheck> => {
    if (!codes) throw new ApiError('unavailable', 'No ticket keys are set: this service checks no tickets');
    const checked = await checkTicket({ pool, codes }, check);
    if (checked.outcome === 'not-valid') return checked;
    const { atMs, ...entry } = checked;
    return { ...entry, at: new Date(atMs).toISOString() };
  };
}
