import { setTimeout as delay } from 'node:timers/promises';

/** Somebody else, who buys without the page. */
export interface OtherBuyer {
  /** Resolves when the seats are held. */
  hold(seatIds: readonly string[]): Promise<void>;
}

async function call<Body>(url: string, init?: RequestInit): Promise<Body> {
  const answer = await fetch(url, init);
  const body = (await answer.json()) as Body;
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${JSON.stringify(body)}`);
  return body;
}

const post = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

/** Enters the waiting room as this user; resolves with the room token. */
export async function enterRoom(base: string, eventId: string, userId: string): Promise<string> {
  const { roomToken } = await call<{ roomToken: string }>(`${base}/public/enter`, post({ userId, eventId }));
  return roomToken;
}

/** Somebody admitted to the event. */
export async function otherBuyer(base: string, eventId: string, userId: string): Promise<OtherBuyer> {
  const roomToken = await enterRoom(base, eventId, userId);
  const isReady = () => call<{ ready: boolean }>(`${base}/public/room-status?token=${roomToken}`);
  while (!(await isReady()).ready) await delay(100);
  return {
    async hold(seatIds) {
      await call(`${base}/public/hold`, post({ eventId, seatIds }, { 'x-room-token': roomToken }));
    },
  };
}
