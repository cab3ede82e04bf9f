import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';

/** The header a signed payment event carries. */
export const signatureHeader = 'x-onsale-signature';

/** How far the time in a signature may be from ours, either way. */
const toleranceSeconds = 300;

/** Signs a body's bytes: the value of {@link signatureHeader}, `t=<epoch seconds>,v1=<hex HMAC-SHA256 of "t.body">`. */
export function signBody(secret: string, body: Buffer | string, nowMs: number): string {
  const t = Math.floor(nowMs / 1000);
  return `t=${t},v1=${hmac(secret, String(t), body).toString('hex')}`;
}

/**
 * Whether one of the secrets has signed exactly these bytes within five minutes of now. Several secrets are accepted so
 * that one can be replaced, and several `v1` so that the provider can replace it on its side.
 */
export function isSignedBody(
  secrets: readonly string[],
  header: string | undefined,
  body: Buffer,
  nowMs: number,
): boolean {
  const { t, signatures } = parseHeader(header ?? '');
  if (t === undefined || Math.abs(nowMs / 1000 - Number(t)) > toleranceSeconds) return false;
  let signed = false;
  for (const secret of secrets) {
    const expected = hmac(secret, t, body);
    // Every pair is compared, so that the time taken tells nothing about which one was close.
    for (const signature of signatures) signed = timingSafeEqual(expected, signature) || signed;
  }
  return signed;
}

/** Made once for each secret a process has: made for each signature it costs eight times as much as the signature. */
const keys = new Map<string, KeyObject>();

function hmac(secret: string, t: string, body: Buffer | string): Buffer {
  let key = keys.get(secret);
  if (!key) keys.set(secret, (key = createSecretKey(secret, 'utf8')));
  return createHmac('sha256', key).update(`${t}.`).update(body).digest();
}

/** More than this many signatures no provider sends. */
const maxSignatures = 8;

function parseHeader(header: string): { t: string | undefined; signatures: Buffer[] } {
  let t: string | undefined;
  const signatures: Buffer[] = [];
  for (const part of header.split(',')) {
    const [, name, value] = /^\s*(t|v1)=([0-9a-fA-F]{1,64})\s*$/.exec(part) ?? [];
    if (name === 't' && /^[0-9]{1,12}$/.test(value!)) t = value;
    if (name === 'v1' && value!.length === 64 && signatures.length < maxSignatures) {
      signatures.push(Buffer.from(value!, 'hex'));
    }
  }
  return { t, signatures };
}
