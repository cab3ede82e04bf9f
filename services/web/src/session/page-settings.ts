import { send } from '../api/send.ts';

/** What differs between the places the page is served from; `settings.json` beside it. */
export interface PageSettings {
  /** `local` signs in by name, without a password; otherwise the page of the identity provider, or null: a token is pasted. */
  readonly signIn: 'local' | { readonly url: string | null };
  /** `simulator` is the local runner's; otherwise the provider's page, with `{intentId}` where that belongs. */
  readonly payment: 'simulator' | { readonly url: string };
}

const deployed: PageSettings = { signIn: { url: null }, payment: { url: '' } };

/** Reads the settings; a page without them asks for a token and leaves payment to the provider. */
export async function readSettings(): Promise<PageSettings> {
  const answer = await send<PageSettings>('./settings.json');
  return answer.outcome === 'ok' ? answer.body : deployed;
}
