import { createHash } from 'node:crypto';
import type { RoomTokenKey } from '@onsale/waiting-room/room-token';

/** Names each secret by its digest: two replicas agree on the name whatever order they were given the secrets in. */
export function roomTokenKeys(secrets: readonly string[]): RoomTokenKey[] {
  return secrets.map((secret) => ({
    id: createHash('sha256').update(secret).digest('base64url').slice(0, 6),
    secret,
  }));
}
