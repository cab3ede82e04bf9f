import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { SaleId } from '@onsale/contracts/sale/sale-id';
import { timingSafeEqual } from 'node:crypto';

/** What a room token says, for whoever holds the key. */
export interface RoomToken {
  readonly saleId: SaleId;
  readonly userId: string;
  readonly joinIndex: number;
  /** When the place was taken, epoch milliseconds; entering again does not change it. */
  readonly takenAtMs: number;
}

/** One signing secret. The id travels in the token, so that a new key can sign while older tokens still verify. */
export interface RoomTokenKey {
  /** 1–16 characters of `A-Za-z0-9_-`. */
  readonly id: string;
  /** At least 32 bytes of text. */
  readonly secret: string;
}

export type VerifiedRoomToken =
  | { readonly outcome: 'valid'; readonly token: RoomToken }
  | { readonly outcome: 'invalid' };

export interface RoomTokens {
  /** The same place always gives the same token, as long as the signing key is the same. */
  sign(token: RoomToken): string;
  /** Anything but an unaltered token of a key in the ring is `invalid`; why is nobody's business. */
  verify(text: string): VerifiedRoomToken;
}

const invalid = { outcome: 'invalid' } as const;
const claims = /^([a-z0-9-]+\.[0-9]+)\/([0-9a-z]+)\/([0-9a-z]+)\/([\x21-\x7e]{1,128})$/;

/** SHA-256 in unpadded base64url. */
const signatureLength = 43;
/** Longer than any token of ours: the longest userId and saleId give about 360 characters. */
const maxTokenLength = 512;

type SigningState = ReturnType<typeof keyedBy>;
const keyedBy = (secret: Uint8Array) => hmac.create(sha256, secret);

/**
 * Signs and verifies room tokens, `<key id>.<claims>.<signature>`, URL-safe: HMAC-SHA256 by the first key, verified by
 * any. A token for an id of 20 characters is about 110 characters long. Every poll verifies one, so nothing is allocated
 * that has to be freed outside JavaScript's heap (ADR 36). A cache of verified tokens would save most of it on a hit, but behind
 * a load balancer a buyer's next poll rarely meets the same process, and a hundred thousand waiting buyers would fill
 * 40 MB of each.
 */
export function createRoomTokens(keys: readonly RoomTokenKey[]): RoomTokens {
  const ring = new Map<string, SigningState>();
  for (const { id, secret } of keys) {
    if (!/^[A-Za-z0-9_-]{1,16}$/.test(id)) throw new Error(`room token key id ${id}: 1–16 of A-Za-z0-9_-`);
    if (Buffer.byteLength(secret) < 32) throw new Error(`room token key ${id}: at least 32 bytes are needed`);
    if (ring.has(id)) throw new Error(`room token key ${id} is there twice`);
    ring.set(id, keyedBy(Buffer.from(secret, 'utf8')));
  }
  const signing = keys[0];
  if (!signing) throw new Error('room tokens need at least one key');

  // Work space of the functions below, which run to their end before another begins.
  const state = keyedBy(new Uint8Array(0));
  const bytes = Buffer.allocUnsafeSlow(3 * maxTokenLength);
  const claimBytes = Buffer.allocUnsafeSlow(maxTokenLength);
  const digest = Buffer.allocUnsafeSlow(32);
  const expected = Buffer.allocUnsafeSlow(signatureLength);
  /** Of the first bytes of `bytes`. */
  const signatureOf = (key: SigningState, length: number): string => {
    key._cloneInto(state).update(bytes.subarray(0, length)).digestInto(digest);
    return digest.toString('base64url');
  };

  return {
    sign({ saleId, userId, joinIndex, takenAtMs }) {
      const text = `${saleId}/${joinIndex.toString(36)}/${takenAtMs.toString(36)}/${userId}`;
      const signed = `${signing.id}.${Buffer.from(text, 'latin1').toString('base64url')}`;
      return `${signed}.${signatureOf(ring.get(signing.id)!, bytes.write(signed))}`;
    },
    verify(text) {
      if (text.length > maxTokenLength) return invalid;
      const idEnd = text.indexOf('.');
      const signedEnd = text.lastIndexOf('.');
      if (idEnd <= 0 || signedEnd === idEnd || text.length - signedEnd - 1 !== signatureLength)
        return invalid;
      const key = ring.get(text.slice(0, idEnd));
      if (!key) return invalid;
      const length = bytes.write(text);
      // Beyond ASCII nothing is a token, and its bytes would not be where its characters are.
      if (length !== text.length) return invalid;
      // Text is compared, not bytes: the last character of base64url has spare bits, and one token has one spelling.
      expected.write(signatureOf(key, signedEnd), 'latin1');
      if (!timingSafeEqual(bytes.subarray(signedEnd + 1, length), expected)) return invalid;
      const claimed = claimBytes.write(text.slice(idEnd + 1, signedEnd), 'base64url');
      const match = claims.exec(claimBytes.toString('latin1', 0, claimed));
      if (!match) return invalid;
      return {
        outcome: 'valid',
        token: {
          saleId: match[1] as SaleId,
          userId: match[4]!,
          joinIndex: Number.parseInt(match[2]!, 36),
          takenAtMs: Number.parseInt(match[3]!, 36),
        },
      };
    },
  };
}
