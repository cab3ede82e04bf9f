import { SignJWT } from 'jose';
import { readLocalKey } from './local-key.ts';

export interface LocalTokenRequest {
  readonly userId: string;
  readonly roles: readonly string[];
  /** A secret of at least 32 bytes, or an Ed25519 private key in PEM. */
  readonly key: string;
  readonly ttlSeconds: number;
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
}

/** Signs a bearer token with the local key, for a laptop, a test or a load run without an identity provider. */
export async function issueLocalToken(request: LocalTokenRequest): Promise<string> {
  const { algorithm, signWith } = readLocalKey(request.key);
  if (!signWith) throw new Error('A public key cannot sign tokens; the private key is needed');
  const nowSeconds = Math.floor(Date.now() / 1000);
  const token = new SignJWT({ roles: request.roles })
    .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
    .setSubject(request.userId)
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + request.ttlSeconds);
  if (request.issuer) token.setIssuer(request.issuer);
  if (request.audience) token.setAudience(request.audience);
  return await token.sign(signWith);
}
