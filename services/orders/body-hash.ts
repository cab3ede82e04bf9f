import { hash } from 'node:crypto';

/** What an idempotency key stands for: the same fields in the same order have the same hash. */
export function bodyHash(...fields: readonly (string | readonly string[])[]): string {
  return hash('sha256', JSON.stringify(fields), 'base64url');
}
