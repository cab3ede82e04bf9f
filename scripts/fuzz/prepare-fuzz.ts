import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publishTicketEvent } from '@onsale/local/admin-client';
import { localSecrets } from '@onsale/local/local-secrets';
import type { LocalStack } from '@onsale/local/local-stack';
import { issueLocalToken } from '@onsale/platform/identity/issue-local-token';
import { parse } from 'yaml';

/** What the fuzzer is told. */
export interface PreparedFuzz {
  readonly url: string;
  /** The OpenAPI document, changed to name what exists. */
  readonly document: string;
  readonly bearerToken: string;
}

const openApi = fileURLToPath(new URL('../../openapi/ticketing.yaml', import.meta.url));
const eventId = 'fuzz-0001';
const userIds = ['fuzz-1', 'fuzz-2'] as const;

/**
 * Puts a sale on and a buyer into its room, and writes the document the fuzzer reads: valid values of event, seat, buyer and
 * room token are drawn from those there are, or hardly a case would get beyond "no such event".
 */
export async function prepareFuzz(stack: LocalStack, dir: string): Promise<PreparedFuzz> {
  const nowMs = Date.now();
  await publishTicketEvent(
    { url: stack.internalUrl('public-api'), token: localSecrets.adminToken },
    {
      apiVersion: 'onsale.dev/v1alpha1',
      kind: 'TicketEvent',
      metadata: { name: eventId },
      spec: {
        eventId,
        title: 'A concert',
        homeRegion: 'local',
        startsAt: new Date(nowMs + 86_400_000).toISOString(),
        sale: {
          opensAt: new Date(nowMs - 1000).toISOString(),
          closesAt: new Date(nowMs + 36_000_000).toISOString(),
        },
        venue: { currency: 'KRW', sections: [{ id: 'A', rows: 50, seatsPerRow: 50, price: 1000 }] },
        limits: { perBuyer: 4, holdTtl: '10s' },
        waitingRoom: { ratePerSecond: 1000, maxActive: 10_000 },
      },
    },
  );
  const roomTokens = await Promise.all(userIds.map((userId) => enter(stack.url, userId)));
  const known: Readonly<Record<string, readonly string[]>> = {
    eventId: [eventId, 'no-such-event'],
    event: [eventId, 'no-such-event'],
    userId: userIds,
    seatId: ['R1C1', 'R1C2', 'R99C99'],
    token: roomTokens,
    roomToken: roomTokens,
    'x-room-token': roomTokens,
  };
  const document = join(dir, 'openapi.json');
  const described: unknown = parse(await readFile(openApi, 'utf8'));
  await writeFile(document, JSON.stringify(nameKnown(described, known)));
  const bearerToken = await issueLocalToken({
    userId: userIds[0],
    roles: ['buyer', 'operator'],
    key: localSecrets.jwtKey,
    ttlSeconds: 86_400,
  });
  return { url: stack.url, document, bearerToken };
}

async function enter(url: string, userId: string): Promise<string> {
  const answer = await fetch(`${url}/public/enter`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ userId, eventId }),
  });
  const body = (await answer.json()) as { roomToken?: string; message?: string };
  if (body.roomToken === undefined) throw new Error(`The fuzzer's buyer may not enter: ${body.message}`);
  return body.roomToken;
}

/** Restricts each string property and parameter of a known name to its values. */
function nameKnown(node: unknown, known: Readonly<Record<string, readonly string[]>>): unknown {
  if (Array.isArray(node)) return node.map((item) => nameKnown(item, known));
  if (typeof node !== 'object' || node === null) return node;
  const { name, in: where, schema } = node as { name?: unknown; in?: unknown; schema?: object };
  const parameter = typeof where === 'string' && typeof name === 'string' ? known[name] : undefined;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => {
      if (key === 'schema' && parameter) return [key, { ...schema, enum: parameter }];
      if (key !== 'properties') return [key, nameKnown(value, known)];
      const properties = Object.entries(value as Record<string, object>).map(([property, one]) => [
        property,
        known[property] ? { ...one, enum: known[property] } : nameKnown(one, known),
      ]);
      return [key, Object.fromEntries(properties)];
    }),
  );
}
