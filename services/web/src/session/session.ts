import type { Buyer } from '../api/sale-client.ts';
import { send } from '../api/send.ts';
import type { Answer } from '../api/answer.ts';
import { createSharedValue } from '../shared/shared-value.ts';

/** Who is signed in, in all tabs; null for nobody. */
export const session = createSharedValue<Buyer | null>('onsale.session', null, localStorage, window);

/** Signs in at the local runner. */
export async function signInLocally(userId: string): Promise<Answer<Buyer>> {
  const answer = await send<Buyer>('/local/sign-in', { method: 'POST', body: { userId } });
  if (answer.outcome === 'ok') session.set(answer.body);
  return answer;
}

/** Takes over a bearer token; false when it is none, or has no subject. */
export function signInWithToken(token: string): boolean {
  const userId = subjectOf(token);
  if (userId === undefined) return false;
  session.set({ userId, token });
  return true;
}

/** Takes the token an identity provider sends back in the address (OAuth 2.0, `#access_token=…`), and hides it. */
export function takeTokenFromAddress(): void {
  const answer = new URLSearchParams(location.hash.slice(1));
  const token = answer.get('id_token') ?? answer.get('access_token');
  if (!token) return;
  signInWithToken(token);
  history.replaceState(null, '', `${location.pathname}#/`);
}

/** The subject a token says it is of. The services check it; the page only needs the name. */
export function subjectOf(token: string): string | undefined {
  const payload = token.trim().split('.')[1];
  if (!payload) return undefined;
  try {
    const text = atob(payload.replaceAll('-', '+').replaceAll('_', '/'));
    const { sub } = JSON.parse(text) as { sub?: unknown };
    return typeof sub === 'string' && sub !== '' ? sub : undefined;
  } catch {
    return undefined;
  }
}
