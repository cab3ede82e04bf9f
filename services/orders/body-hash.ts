import { createHash } from 'node:crypto';

/** What an idempotency key stands for: the same fields in the same order have the same hash. */
export function bodyHash(...fields: readonly (string | readonly string[])[]): string {
  return createHash('sha256').update(JSON.stringify(fields)).digest('base64url');
}
