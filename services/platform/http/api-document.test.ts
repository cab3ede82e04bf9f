import { ticketingApi } from '@onsale/contracts/openapi/ticketing-api';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import t from 'tap';

const api = ticketingApi() as any;
const operations = Object.entries<any>(api.paths).flatMap(([path, item]) =>
  Object.entries<any>(item).map(([method, operation]) => ({ path, method, operation })),
);

t.test('every schema compiles as JSON Schema 2020-12, and every example is valid', (t) => {
  const ajv = addFormats.default(new Ajv2020({ strict: false }));
  ajv.addSchema({ $id: 'api', components: api.components });
  const absolute = (json: unknown): any =>
    JSON.parse(JSON.stringify(json).replaceAll('"#/components', '"api#/components'));
  for (const { path, method, operation } of operations) {
    const media = operation.requestBody?.content['application/json'];
    if (media) {
      const check = ajv.compile(absolute(media.schema));
      if (media.example) t.ok(check(media.example), `${method} ${path}: ${ajv.errorsText(check.errors)}`);
    }
    for (const parameter of operation.parameters ?? []) ajv.compile(absolute(parameter.schema));
    for (const [status, answer] of Object.entries<any>(operation.responses)) {
      const schema = answer.content?.['application/json'].schema;
      if (schema) t.doesNotThrow(() => ajv.compile(absolute(schema)), `${method} ${path} ${status}`);
    }
  }
  t.end();
});
