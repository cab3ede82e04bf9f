import { createHash, timingSafeEqual } from 'node:crypto';
import { ApiError } from '@onsale/platform/http/api-error';
import type { IncomingHttpHeaders } from 'node:http';

/**
 * Makes the check of the admin token. Digests are compared, in constant time: neither the time nor the length of an
 * attempt tells how much of it was right. Without an admin token nobody is let in.
 */
export function requireAdminToken(adminToken: string | undefined): (headers: IncomingHttpHeaders) => void {
  const expected = adminToken === undefined ? undefined : digest(adminToken);
  return ({ authorization }) => {
    const token = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    if (token === undefined)
      throw new ApiError('unauthorized', 'Send the admin token: Authorization: Bearer <token>');
    if (!expected || !timingSafeEqual(digest(token), expected)) {
      throw new ApiError('unauthorized', 'This is not the admin token');
    }
  };
}

const digest = (text: string) => createHash('sha256').update(text).digest();
