import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Makes and reads what a ticket's QR code says. */
export interface TicketCodes {
  /** The code of a ticket, `tkt_…`, or of a reservation of unseated ones, `res_…`, by the first key. */
  codeOf(ticketId: string): string;
  /** The ticket a code names; undefined for anything not made here by one of the keys. */
  ticketIdOf(code: string): string | undefined;
}

/** 128 bits: no gate lets anybody guess that often, and the QR code stays small. */
const macBytes = 16;
const ticketIdPattern = /^tkt_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const reservationIdPattern = /^res_[1-9][0-9]{0,15}$/;

/**
 * Makes {@link TicketCodes} of `OT1.<key name>.<ticket>.<HMAC-SHA256, the first 128 bits>`, all base64url; `OR1` and the
 * reservation's number for unseated tickets. The first key signs, all of them verify, so that a key can be replaced while
 * tickets by the one before are still in people's pockets. Keys are named by their digest: replicas agree whatever order they
 * were given them in.
 */
export function createTicketCodes(keys: readonly string[]): TicketCodes {
  const named = keys.map((key) => ({ name: nameOf(key), key }));
  const [signing] = named;
  if (!signing) throw new Error('Ticket codes need a key');
  const byName = new Map(named.map(({ name, key }) => [name, key]));
  return {
    codeOf(ticketId) {
      const said = saidOf(ticketId, signing.name);
      return `${said}.${macOf(signing.key, said).toString('base64url')}`;
    },
    ticketIdOf(code) {
      const parts =
        /^((?:OT1\.([\w-]{6})\.([\w-]{22}))|(?:OR1\.([\w-]{6})\.([1-9][0-9]{0,15})))\.([\w-]{22})$/.exec(
          code,
        );
      const [, said, ofTicket, ticket, ofReservation, reservation, mac] = parts ?? [];
      const name = ofTicket ?? ofReservation;
      const key = byName.get(name ?? '');
      if (key === undefined || said === undefined) return undefined;
      // The last character has bits that decoding drops: only the one spelling counts.
      const given = Buffer.from(mac!, 'base64url');
      if (given.toString('base64url') !== mac || !timingSafeEqual(given, macOf(key, said))) return undefined;
      if (reservation !== undefined) return `res_${reservation}`;
      const hex = Buffer.from(ticket!, 'base64url').toString('hex');
      return `tkt_${hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')}`;
    },
  };
}

function saidOf(ticketId: string, keyName: string): string {
  if (reservationIdPattern.test(ticketId)) return `OR1.${keyName}.${ticketId.slice(4)}`;
  if (!ticketIdPattern.test(ticketId)) throw new Error(`No ticket id: ${ticketId}`);
  const ticket = Buffer.from(ticketId.slice(4).replaceAll('-', ''), 'hex').toString('base64url');
  return `OT1.${keyName}.${ticket}`;
}

const nameOf = (key: string) => createHash('sha256').update(key).digest('base64url').slice(0, 6);
const macOf = (key: string, said: string) =>
  createHmac('sha256', key).update(said).digest().subarray(0, macBytes);
