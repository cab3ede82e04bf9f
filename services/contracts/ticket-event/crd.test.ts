import { readFile } from 'node:fs/promises';
import t from 'tap';
import { parse } from 'yaml';
import { ticketEventCrd } from './crd.ts';

interface Schema {
  readonly type?: string;
  readonly properties?: Record<string, Schema>;
  readonly items?: Schema;
  readonly [keyword: string]: unknown;
}

function* walk(schema: Schema, path: string): Generator<[string, Schema]> {
  yield [path, schema];
  for (const [name, child] of Object.entries(schema.properties ?? {})) yield* walk(child, `${path}.${name}`);
  if (schema.items) yield* walk(schema.items, `${path}[]`);
}

const crd = ticketEventCrd() as {
  spec: { versions: { schema: { openAPIV3Schema: { properties: Record<string, Schema> } } }[] };
};
const schema = crd.spec.versions[0]!.schema.openAPIV3Schema;

t.test('the committed CRD is what the types say', async (t) => {
  const committed = new URL('../../../operators/ticket-event/api/crd.yaml', import.meta.url);
  t.same(
    parse(await readFile(committed, 'utf8')),
    JSON.parse(JSON.stringify(crd)),
    'node scripts/generate/crd.ts',
  );
});

t.test('every list and string ends somewhere, or the API server refuses rules over them', async (t) => {
  const endless: string[] = [];
  for (const part of ['spec', 'status']) {
    for (const [path, node] of walk(schema.properties[part]!, part)) {
      if (node.type === 'array' && node['maxItems'] === undefined) endless.push(path);
      if (node.type === 'string' && node['maxLength'] === undefined && !node['enum'] && !bounded(node)) {
        endless.push(path);
      }
    }
  }
  t.same(endless, []);
});

/** A pattern without + or * outside its braces bounds the length. */
function bounded(node: Schema): boolean {
  return typeof node['pattern'] === 'string' && !/[+*]/.test(node['pattern']);
}

t.test('every field of the spec is described', async (t) => {
  const silent = [...walk(schema.properties['spec']!, 'spec')]
    .filter(([path, node]) => !path.endsWith('[]') && node['description'] === undefined)
    .map(([path]) => path);
  t.same(silent, []);
});
