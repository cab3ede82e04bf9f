import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Makes and reads what a ticket's QR code says. */
export interface TicketCodes {
  /** The code of a ticket, by the first key. */
  codeOf(ticketId: string): string;
  /** The ticket a code names; undefined for anything not made here by one of the keys. */
  ticketIdOf(code: string): string | undefined;
}

const prefix = 'OT1';
/** 128 bits: no gate lets anybody guess that often, and the QR code stays small. */
const macBytes = 16;
const ticketIdPattern = /^tkt_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Makes {@link TicketCodes} of `OT1.<key name>.<ticket>.<HMAC-SHA256, the first 128 bits>`, all base64url. The first key
 * signs, all of them verify, so that a key can be replaced while tickets by the one before are still in people's pockets.
 * Keys are named by their digest: replicas agree whatever order they were given them in.
 */
export function createTicketCodes(keys: readonly string[]): TicketCodes {
  const named = keys.map((key) => ({ name: nameOf(key), key }));
  const [signing] = named;
  if (!signing) throw new Error('Ticket codes need a key');
  const byName = new Map(named.map(({ name, key }) => [name, key]));
  return {
    codeOf(ticketId) {
      if (!ticketIdPattern.test(ticketId)) throw new Error(`No ticket id: ${ticketId}`);
      const ticket = Buffer.from(ticketId.slice(4).replaceAll('-', ''), 'hex').toString('base64url');
      const said = `${prefix}.${signing.name}.${ticket}`;
      return `${said}.${macOf(signing.key, said).toString('base64url')}`;
    },
    ticketIdOf(code) {
      const parts = /^(OT1\.([\w-]{6})\.([\w-]{22}))\.([\w-]{22})$/.exec(code);
      const [, said, name, ticket, mac] = parts ?? [];
      const key = byName.get(name ?? '');
      if (key === undefined || said === undefined) return undefined;
      // The last character has bits that decoding drops: only the one spelling counts.
      const given = Buffer.from(mac!, 'base64url');
      if (given.toString('base64url') !== mac || !timingSafeEqual(given, macOf(key, said))) return undefined;
      const hex = Buffer.from(ticket!, 'base64url').toString('hex');
      return `tkt_${hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')}`;
    },
  };
}

const nameOf = (key: string) => createHash('sha256').update(key).digest('base64url').slice(0, 6);
const macOf = (key: string, said: string) =>
  createHmac('sha256', key).update(said).digest().subarray(0, macBytes);
