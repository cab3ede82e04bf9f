import { defineEvent } from '@onsale/contracts/ticket-event/define-event';
import type { EventDefinition } from '@onsale/contracts/sale/event-definition';
import { TicketEvent } from '@onsale/contracts/ticket-event/ticket-event';
import { Compile } from 'typebox/compile';
import type { TLocalizedValidationError } from 'typebox/error';
import { Settings } from 'typebox/system';
import { Value } from 'typebox/value';

export type ValidatedEvent =
  | { readonly outcome: 'valid'; readonly ticketEvent: TicketEvent; readonly event: EventDefinition }
  | { readonly outcome: 'invalid'; readonly problems: readonly string[] };

// Eight by default; whoever fixes a document wants to hear of everything at once.
Settings.Set({ maxErrors: 100 });

const schema = Compile(TicketEvent);

/**
 * Reads a document as a TicketEvent: schema, defaults, and the relations between fields. Names every problem with its
 * path. What Kubernetes adds to a resource (its other metadata, its status) is left out of the result.
 */
export function validateTicketEvent(document: unknown): ValidatedEvent {
  const candidate: unknown = Value.Default(TicketEvent, structuredClone(document));
  if (!schema.Check(candidate)) {
    return { outcome: 'invalid', problems: describe(schema.Errors(candidate)) };
  }
  const ticketEvent: TicketEvent = {
    apiVersion: candidate.apiVersion,
    kind: candidate.kind,
    metadata: { name: candidate.metadata.name },
    spec: candidate.spec,
  };
  const defined = defineEvent(ticketEvent);
  const problems = [
    ...impossibleInstants(ticketEvent),
    ...(defined.outcome === 'invalid' ? defined.problems : []),
  ];
  if (defined.outcome === 'invalid' || problems.length > 0) return { outcome: 'invalid', problems };
  return { outcome: 'valid', ticketEvent, event: defined.event };
}

/** RFC 3339 knows leap seconds, JavaScript does not: 23:59:60 has the right form and is no number. */
function impossibleInstants({ spec }: TicketEvent): string[] {
  const instants = {
    'spec.startsAt': spec.startsAt,
    'spec.sale.opensAt': spec.sale.opensAt,
    'spec.sale.closesAt': spec.sale.closesAt,
    'spec.waitingRoom.opensAt': spec.waitingRoom?.opensAt,
  };
  return Object.entries(instants)
    .filter(([, instant]) => instant !== undefined && Number.isNaN(Date.parse(instant)))
    .map(([path]) => `${path}: is no instant`);
}

function describe(errors: readonly TLocalizedValidationError[]): string[] {
  const allowed = new Map<string, string[]>();
  const problems: string[] = [];
  for (const error of errors) {
    const path = error.instancePath.slice(1).replaceAll('/', '.') || 'TicketEvent';
    switch (error.keyword) {
      case 'const':
        allowed.set(path, [...(allowed.get(path) ?? []), JSON.stringify(error.params.allowedValue)]);
        break;
      case 'additionalProperties':
        for (const field of error.params.additionalProperties) {
          problems.push(`${path}.${field}: there is no such field`);
        }
        break;
      case 'required':
        for (const field of error.params.requiredProperties) problems.push(`${path}.${field}: is missing`);
        break;
      // Said already, by the field or the constants behind them.
      case 'boolean':
      case 'anyOf':
        break;
      default:
        problems.push(`${path}: ${error.message}`);
    }
  }
  for (const [path, values] of allowed) problems.push(`${path}: must be ${values.join(' or ')}`);
  return problems;
}
