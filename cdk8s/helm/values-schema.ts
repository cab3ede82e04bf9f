import type { TObject } from 'typebox';

/** Keywords of ours, and those that Helm's validator may not check the way Node's does. */
const dropped = ['secret', 'expected', 'separator', 'needs', 'format', '$id', '~kind', '~optional'];

function clean(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(clean);
  if (typeof schema !== 'object' || schema === null) return schema;
  const kept = Object.fromEntries(
    Object.entries(schema).flatMap(([key, value]) => (dropped.includes(key) ? [] : [[key, clean(value)]])),
  );
  if (kept['properties'] === undefined || kept['type'] !== 'object') return kept;
  return { ...kept, additionalProperties: false };
}

/** values.schema.json: every value's type and bounds, unknown keys refused, and rules over several values. */
export function valuesSchema(values: TObject, rules: readonly object[]): object {
  // `global` is Helm's own; the rest of a release never needs it here.
  const { properties, ...rest } = clean(values) as { properties: object };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    ...rest,
    properties: { ...properties, global: { type: 'object' } },
    ...(rules.length > 0 ? { allOf: rules } : {}),
  };
}
