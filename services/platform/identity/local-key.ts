import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';

/** A key of our own, where no identity provider is configured. */
export interface LocalKey {
  readonly algorithm: 'HS256' | 'EdDSA';
  readonly verifyWith: KeyObject;
  /** Undefined when only the public half is known. */
  readonly signWith: KeyObject | undefined;
}

/** An HMAC key shorter than its hash weakens it (RFC 7518, section 3.2). */
const minSecretBytes = 32;

/**
 * Reads a key: an Ed25519 key in PEM, public or private, or else a secret of at least 32 bytes for HS256. Throws what is
 * wrong with it, never the key.
 */
export function readLocalKey(text: string): LocalKey {
  if (!text.trimStart().startsWith('-----BEGIN')) {
    const secret = Buffer.from(text);
    if (secret.length < minSecretBytes) {
      throw new Error(`A token secret needs at least ${minSecretBytes} bytes, this one has ${secret.length}`);
    }
    const key = createSecretKey(secret);
    return { algorithm: 'HS256', verifyWith: key, signWith: key };
  }
  const isPrivate = text.includes('PRIVATE KEY');
  const signWith = isPrivate ? createPrivateKey(text) : undefined;
  const verifyWith = createPublicKey(text);
  if (verifyWith.asymmetricKeyType !== 'ed25519') {
    throw new Error(`A token key in PEM must be Ed25519, this one is ${verifyWith.asymmetricKeyType}`);
  }
  return { algorithm: 'EdDSA', verifyWith, signWith };
}
