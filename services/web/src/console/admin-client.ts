import type { EventCancellation } from '@onsale/contracts/http/cancel-event-route';
import type { GateCheck } from '@onsale/contracts/http/gate-check-route';
import type { SaleStatus } from '@onsale/contracts/http/sale-status-routes';
import type { Static } from 'typebox';
import type { Answer } from '../api/answer.ts';
import { type Call, send } from '../api/send.ts';
import { clock } from '../clock/keep-clock.ts';

const enc = encodeURIComponent;

/**
 * The admin routes as the console uses them, at the console's own origin. `onTokenRefused` is called whenever an answer
 * says that the token is no good.
 */
export function createAdminClient(token: string, onTokenRefused: () => void) {
  const call = async <Body>(path: string, options: Call): Promise<Answer<Body>> => {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await send<Body>(`/admin${path}`, { ...options, headers });
    if (answer.outcome === 'refused' && answer.status === 401) onTokenRefused();
    return answer;
  };
  const post = <Body>(path: string, body?: unknown) => call<Body>(path, { method: 'POST', body });
  const ofSale = (eventId: string, what: string) => `/sales/${enc(eventId)}/${what}`;
  return {
    sales: (signal?: AbortSignal) => call<{ items: SaleStatus[] }>('/sales', { signal }),
    /** Keeps the console's clock as well: countdowns follow the services' time. */
    async status(eventId: string, signal?: AbortSignal) {
      const sentAtMs = performance.now();
      const answer = await call<SaleStatus>(ofSale(eventId, 'status'), { signal });
      if (answer.outcome === 'ok') {
        clock.observe(Date.parse(answer.body.countedAt), sentAtMs, performance.now());
      }
      return answer;
    },
    pause: (eventId: string) => post<RateAnswer>(ofSale(eventId, 'pause')),
    resume: (eventId: string) => post<RateAnswer>(ofSale(eventId, 'resume')),
    changeRate: (eventId: string, ratePerSecond: number) =>
      post<RateAnswer>(ofSale(eventId, 'rate'), { ratePerSecond }),
    cancel: (eventId: string, reason: string) =>
      post<Static<typeof EventCancellation>>(ofSale(eventId, 'cancel'), { confirm: eventId, reason }),
    checkTicket: (check: { code: string; gate: string; eventId?: string }) =>
      post<GateCheck>('/gate/check', check),
  };
}

export type AdminClient = ReturnType<typeof createAdminClient>;

interface RateAnswer {
  readonly ratePerSecond: number;
}
