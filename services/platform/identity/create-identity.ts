import { UserId } from '@onsale/contracts/http/fields';
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyOptions } from 'jose';
import { Counter, type Registry } from 'prom-client';
import { Compile } from 'typebox/compile';
import { ApiError } from '../http/api-error.ts';
import type { Caller, Identity, RequestHead } from './identity.ts';
import { readLocalKey } from './local-key.ts';
import { createVerifiedTokens } from './verified-tokens.ts';

export interface IdentitySettings {
  /** `open` takes user ids as said on the sale's own path: for a laptop and for load tests. */
  readonly mode: 'open' | 'bearer';
  /** The identity provider's keys; this or {@link localKey}. */
  readonly jwksUrl?: string | undefined;
  /** A secret of at least 32 bytes (HS256), or an Ed25519 key in PEM. */
  readonly localKey?: string | undefined;
  /** What `iss` must be. */
  readonly issuer?: string | undefined;
  /** What `aud` must contain. */
  readonly audience?: string | undefined;
  /** The claim that lists the roles, as an array or as words; default `roles`. Amazon Cognito's is `cognito:groups`. */
  readonly rolesClaim?: string | undefined;
  readonly registry?: Registry | undefined;
  /** Epoch milliseconds by which tokens expire; default the process's own. */
  readonly nowMs?: () => number;
}

/** At about a kilobyte each. */
const maxTokensKept = 20_000;

/** What a provider's published keys may sign with: never a symmetric algorithm, whose "public" key would be the secret. */
const remoteAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
];

const userIdSchema = Compile(UserId);

/** Makes the {@link Identity}. Throws when it is configured with a bad key, or in mode `bearer` with none. */
export function createIdentity(settings: IdentitySettings): Identity {
  const { mode, rolesClaim = 'roles', nowMs = Date.now } = settings;
  const verify = createVerifier(settings);
  const verified = createVerifiedTokens(maxTokensKept);
  const checks = settings.registry
    ? new Counter({
        name: 'onsale_token_checks_total',
        help: 'Bearer tokens: known already, checked, or refused',
        labelNames: ['result'],
        registers: [settings.registry],
      })
    : undefined;

  const callerOf = async (token: string): Promise<Caller> => {
    const now = nowMs();
    const known = verified.get(token, now);
    if (known) {
      checks?.inc({ result: 'known' });
      return known;
    }
    let payload: JWTPayload;
    try {
      payload = await verify(token, new Date(now));
    } catch (error) {
      checks?.inc({ result: 'refused' });
      throw refusalOf(error);
    }
    const { sub: userId, exp = 0 } = payload;
    if (!userIdSchema.Check(userId)) {
      checks?.inc({ result: 'refused' });
      throw unauthorized("The bearer token's subject cannot be used as a user id");
    }
    const caller = { userId, roles: rolesOf(payload[rolesClaim]) };
    verified.add(token, caller, exp * 1000, now);
    checks?.inc({ result: 'checked' });
    return caller;
  };

  return {
    async identify(request, claimedUserId) {
      const token = bearerToken(request);
      if (token === undefined) {
        if (mode === 'bearer') throw unauthorized('Send a bearer token: Authorization: Bearer <token>');
        if (claimedUserId === undefined) throw unauthorized('Say who asks: a userId, or a bearer token');
        return { userId: claimedUserId, roles: [] };
      }
      const caller = await callerOf(token);
      if (claimedUserId !== undefined && claimedUserId !== caller.userId) {
        throw new ApiError('forbidden', 'userId must be the subject of the bearer token');
      }
      return caller;
    },
    async requireBearer(request) {
      const token = bearerToken(request);
      if (token === undefined) throw unauthorized('Send a bearer token: Authorization: Bearer <token>');
      return await callerOf(token);
    },
  };
}

function createVerifier(settings: IdentitySettings): (token: string, now: Date) => Promise<JWTPayload> {
  const { mode, jwksUrl, localKey, issuer, audience } = settings;
  const demands: JWTVerifyOptions = {
    requiredClaims: ['sub', 'exp'],
    ...(issuer ? { issuer } : {}),
    ...(audience ? { audience } : {}),
  };
  if (jwksUrl && localKey) throw new Error('Identity takes a key set or a local key, not both');
  if (jwksUrl) {
    const keys = createRemoteJWKSet(new URL(jwksUrl), {
      timeoutDuration: 2000,
      // How often an unknown key id may make us ask the provider again.
      cooldownDuration: 30_000,
      // A provider that is away for an hour keeps nobody out.
      cacheMaxAge: 3_600_000,
    });
    return async (token, currentDate) =>
      (await jwtVerify(token, keys, { ...demands, algorithms: remoteAlgorithms, currentDate })).payload;
  }
  if (!localKey) {
    if (mode === 'bearer') throw new Error('Identity needs a key set (JWKS) address or a local key');
    // Open without a key: the sale goes on, and /api, which wants a token, is closed.
    return async () => {
      throw unauthorized('This service has no key to check bearer tokens with');
    };
  }
  const { algorithm, verifyWith } = readLocalKey(localKey);
  return async (token, currentDate) =>
    (await jwtVerify(token, verifyWith, { ...demands, algorithms: [algorithm], currentDate })).payload;
}

function bearerToken({ headers }: RequestHead): string | undefined {
  const { authorization } = headers;
  if (authorization === undefined || authorization === '') return undefined;
  const token = /^Bearer +([\w.~+/=-]+) *$/i.exec(authorization)?.[1];
  if (!token) throw unauthorized('The Authorization header must read: Bearer <token>');
  return token;
}

function rolesOf(claim: unknown): readonly string[] {
  if (typeof claim === 'string') return claim.split(/[ ,]+/).filter((role) => role !== '');
  return Array.isArray(claim) ? claim.filter((role) => typeof role === 'string') : [];
}

const unauthorized = (message: string, cause?: unknown) => new ApiError('unauthorized', message, { cause });

/** Says what is wrong with the token; a provider that cannot be asked is no fault of the token's. */
function refusalOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof errors.JWTExpired) {
    return unauthorized('The bearer token has expired: sign in again', error);
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'nbf') return unauthorized('The bearer token is not valid yet', error);
    if (error.claim === 'aud') return unauthorized('The bearer token is meant for another service', error);
    if (error.claim === 'iss') return unauthorized('The bearer token is from another issuer', error);
    return unauthorized(`The bearer token has no valid ${error.claim}`, error);
  }
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return unauthorized('The bearer token is signed in a way that is not accepted', error);
  }
  if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey) {
    return unauthorized("The bearer token's signature is not from a key of its issuer", error);
  }
  const isTokenAtFault =
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JOSENotSupported ||
    error instanceof errors.JWKSMultipleMatchingKeys;
  if (isTokenAtFault) return unauthorized('The bearer token is no signed JWT', error);
  return new ApiError('unavailable', 'Bearer tokens cannot be checked right now; try again', {
    cause: error,
  });
}
