import { type CelRule, crdRules } from './crd-rules.ts';
import { TicketEventSpec } from './ticket-event.ts';
import { TicketEventStatus } from './ticket-event-status.ts';

/** JSON Schema as TypeBox writes it, and as a CRD takes it. */
interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
  const?: unknown;
  multipleOf?: number;
  [keyword: string]: unknown;
}

const group = 'onsale.dev';

/**
 * A structural schema from a TypeBox one. Closed objects are dropped (unknown fields are pruned, and refused by strict
 * field validation), unions of literals become enums, the rules of {@link crdRules} are hung on by path.
 */
function structural(schema: Schema, path: string, used: Set<string>): Schema {
  const {
    additionalProperties: _closed,
    anyOf,
    const: literal,
    properties,
    items,
    examples: _examples,
    multipleOf,
    ...kept
  } = schema;
  const out: Schema = { ...kept };
  if (anyOf) {
    out.type = 'string';
    out['enum'] = anyOf.map((option) => option.const);
  }
  if (literal !== undefined) {
    out.type = 'string';
    out['enum'] = [literal];
  }
  if (properties) {
    out.properties = Object.fromEntries(
      Object.entries(properties).map(([name, value]) => [
        name,
        structural(value, path ? `${path}.${name}` : name, used),
      ]),
    );
  }
  if (items) out.items = structural(items, `${path}[]`, used);
  if (out.type === 'integer') out['format'] = 'int64';
  const rules: CelRule[] = [...(crdRules[path] ?? [])];
  if (rules.length > 0) used.add(path);
  if (multipleOf !== undefined) {
    // The API server takes the factor for a whole number when the value is one: 32 is then no multiple of 0.5.
    rules.push({
      rule: `self / ${multipleOf} == double(int(self / ${multipleOf}))`,
      message: `${path} must be a multiple of ${multipleOf}`,
    });
  }
  if (rules.length > 0) out['x-kubernetes-validations'] = rules;
  return out;
}

/** Makes a list's items unique by a field; server-side apply merges by it too. */
function keyBy(list: Schema | undefined, field: string): void {
  if (!list) throw new Error(`no list to key by ${field}`);
  list['x-kubernetes-list-type'] = 'map';
  list['x-kubernetes-list-map-keys'] = [field];
}

/** The TicketEvent CustomResourceDefinition, from the same types the services are checked with. */
export function ticketEventCrd(): Record<string, unknown> {
  const used = new Set<string>();
  const spec = structural(TicketEventSpec as unknown as Schema, 'spec', used);
  const status = structural(TicketEventStatus as unknown as Schema, 'status', used);
  keyBy(status.properties?.['conditions'], 'type');
  // Uniqueness by a rule would compare each of 500 sections with each, over the API server's cost limit.
  keyBy(spec.properties?.['venue']?.properties?.['sections'], 'id');
  const schema: Schema = {
    description: 'A ticket sale: what is sold, when it opens, and the capacity that must be ready before.',
    type: 'object',
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec,
      status,
    },
    'x-kubernetes-validations': crdRules[''],
  };
  used.add('');
  const unused = Object.keys(crdRules).filter((path) => !used.has(path));
  if (unused.length > 0) throw new Error(`CRD rules for fields that do not exist: ${unused.join(', ')}`);
  const column = (name: string, type: string, jsonPath: string, description: string) => ({
    name,
    type,
    jsonPath,
    description,
  });
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `ticketevents.${group}`, annotations: { 'helm.sh/resource-policy': 'keep' } },
    spec: {
      group,
      scope: 'Namespaced',
      names: {
        kind: 'TicketEvent',
        listKind: 'TicketEventList',
        plural: 'ticketevents',
        singular: 'ticketevent',
        shortNames: ['te'],
        categories: ['onsale'],
      },
      versions: [
        {
          name: 'v1alpha1',
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: [
            column('Phase', 'string', '.status.phase', 'Where the sale stands'),
            column('Opens', 'string', '.status.opensAt', 'The opening'),
            column('Floor', 'integer', '.status.floor', 'Pods kept at least'),
            column('Ready', 'integer', '.status.ready', 'Pods that take traffic'),
            column(
              'Capacity',
              'string',
              '.status.conditions[?(@.type=="CapacityConfirmed")].status',
              'Whether everything asked for is there',
            ),
            column('Age', 'date', '.metadata.creationTimestamp', 'Since it was created'),
          ],
          schema: { openAPIV3Schema: schema },
        },
      ],
    },
  };
}
