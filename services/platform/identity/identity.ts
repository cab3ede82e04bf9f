import type { IncomingHttpHeaders } from 'node:http';

/** Who asks: a token's subject and roles. */
export interface Caller {
  readonly userId: string;
  readonly roles: readonly string[];
}

/** The role that creates events and acts for buyers. */
export const operatorRole = 'operator';

/** What identity reads of a request; a Fastify request has it. */
export interface RequestHead {
  readonly headers: Pick<IncomingHttpHeaders, 'authorization'>;
}

/** Tells who asks. Refusals are ApiErrors: `unauthorized` (401), `forbidden` (403), `unavailable` (503, issuer away). */
export interface Identity {
  /**
   * For enter, intent and commit. With mode `bearer` the token is required, and a claimed user id must be its subject. With
   * mode `open` the user id is taken as said; a token that is sent anyway must fit it.
   *
   * @param claimedUserId as the body says; undefined where it says none
   */
  identify(request: RequestHead, claimedUserId: string | undefined): Promise<Caller>;
  /** For `/api`: the token is required in both modes. */
  requireBearer(request: RequestHead): Promise<Caller>;
}
