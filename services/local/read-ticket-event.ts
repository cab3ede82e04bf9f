import { readFile } from 'node:fs/promises';
import { durationMs, durationPattern } from '@onsale/contracts/sale/duration';
import { parse } from 'yaml';

/**
 * Reads a TicketEvent file. Instants may be written relative to now, as in `opensAt: +5s`: a sample that opened last
 * year would be of no use. Whether it is a valid TicketEvent is for the services to say when it is published.
 */
export async function readTicketEvent(path: string, nowMs: number): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new Error(`Cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    throw new Error(`${path} is not valid YAML: ${(error as Error).message}`, { cause: error });
  }
  if (document === null || typeof document !== 'object') throw new Error(`${path} holds no TicketEvent`);
  return resolveRelativeInstants(document, nowMs);
}

const instantKeys = new Set(['opensAt', 'closesAt', 'startsAt']);
const relative = new RegExp(durationPattern.replace('^', '^\\+'));

function resolveRelativeInstants(value: unknown, nowMs: number): unknown {
  if (Array.isArray(value)) return value.map((entry) => resolveRelativeInstants(entry, nowMs));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [
      key,
      instantKeys.has(key) && typeof entry === 'string' && relative.test(entry)
        ? new Date(Math.ceil((nowMs + durationMs(entry.slice(1))) / 1000) * 1000).toISOString()
        : resolveRelativeInstants(entry, nowMs),
    ]),
  );
}
