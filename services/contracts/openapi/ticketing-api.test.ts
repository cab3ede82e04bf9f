import { readFileSync } from 'node:fs';
import t from 'tap';
import { stringify } from 'yaml';
import { operationDetails } from './operation-details.ts';
import { apiSlices, ticketingApi } from './ticketing-api.ts';

const api = ticketingApi() as any;
const operations = Object.entries<any>(api.paths).flatMap(([path, item]) =>
  Object.entries<any>(item).map(([method, operation]) => ({ path, method, operation })),
);

function referencesIn(json: unknown): string[] {
  if (typeof json !== 'object' || json === null) return [];
  return Object.entries(json).flatMap(([key, value]) =>
    key === '$ref' ? [value as string] : referencesIn(value),
  );
}

t.test('every reference leads somewhere, and every component is referred to', (t) => {
  const references = new Set(referencesIn(api));
  for (const reference of references) {
    const found = reference
      .slice(2)
      .split('/')
      .reduce((at: any, key) => at?.[key], api);
    t.ok(found, reference);
  }
  for (const kind of ['schemas', 'responses']) {
    for (const name of Object.keys(api.components[kind])) {
      t.ok(references.has(`#/components/${kind}/${name}`), `${name} is used`);
    }
  }
  t.end();
});

t.test('operations are named once, and the parameters of a path are those in its braces', (t) => {
  const ids = operations.map(({ operation }) => operation.operationId);
  t.equal(new Set(ids).size, ids.length);
  t.same([...new Set(ids)].length, apiSlices.ticketing.length);
  for (const id of Object.keys(operationDetails)) t.ok(ids.includes(id), `${id} exists`);
  for (const { path, method, operation } of operations) {
    const inPath = (operation.parameters ?? []).filter((one: any) => one.in === 'path');
    t.same(
      inPath.map((one: any) => one.name),
      [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]),
      `${method} ${path}`,
    );
    t.ok(inPath.every((one: any) => one.required));
  }
  t.end();
});

t.test('errors are described wherever they can occur', (t) => {
  for (const { path, operation } of operations) {
    const statuses = Object.keys(operation.responses);
    if (operation.requestBody)
      for (const status of ['400', '413', '415']) t.ok(statuses.includes(status), path);
    t.ok(statuses.includes('431'), path);
    if (!path.endsWith('/health')) for (const status of ['429', '503']) t.ok(statuses.includes(status), path);
    for (const [status, answer] of Object.entries<any>(operation.responses)) {
      t.ok(
        Number(status) < 400 || answer.$ref?.startsWith('#/components/responses/') || path === '/api/health',
        `${path} ${status} has the shared shape`,
      );
    }
  }
  t.same(Object.keys(api.components.schemas.Error.properties), ['error', 'message']);
  t.equal(api.components.schemas.Error.additionalProperties, false);
  t.end();
});

t.test('a slice holds its own paths and needs no other', (t) => {
  t.ok(Object.keys((ticketingApi('public') as any).paths).every((path) => path.startsWith('/public/')));
  t.ok(Object.keys((ticketingApi('confirm') as any).paths).every((path) => path.startsWith('/confirm/')));
  t.end();
});

t.test('the committed document is what is printed now', (t) => {
  const committed = readFileSync(new URL('../../../openapi/ticketing.yaml', import.meta.url), 'utf8');
  t.equal(
    committed.slice(committed.indexOf('\n') + 1),
    stringify(api, { lineWidth: 110, aliasDuplicateObjects: false }),
    'run npm run generate',
  );
  t.ok(committed.endsWith('\n'));
  t.end();
});
