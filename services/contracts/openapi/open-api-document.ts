import type { TSchema } from 'typebox';
import { EventView, ReservationView } from '../http/api-routes.ts';
import { Order, Payment, Ticket } from '../http/confirm-routes.ts';
import { ErrorBody } from '../http/error-body.ts';
import { DateTime, EventId, IdempotencyKey, SeatId, SeatIds, SectionId, UserId } from '../http/fields.ts';
import { Health } from '../http/public-routes.ts';
import type { RouteContract } from '../http/route-contract.ts';
import { answerHeaders, operationDetails, type HeaderName } from './operation-details.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { [key: string]: Json };

export interface OpenApiOptions {
  readonly title: string;
  readonly version: string;
  readonly description?: string;
}

/** Schemas that get a name and are referred to wherever they occur; larger ones first, since they contain the others. */
const named: readonly (readonly [string, TSchema])[] = [
  ['Order', Order],
  ['Payment', Payment],
  ['Ticket', Ticket],
  ['Event', EventView],
  ['Reservation', ReservationView],
  ['Health', Health],
  ['Error', ErrorBody],
  ['SeatIds', SeatIds],
  ['SeatId', SeatId],
  ['SectionId', SectionId],
  ['EventId', EventId],
  ['UserId', UserId],
  ['IdempotencyKey', IdempotencyKey],
  ['DateTime', DateTime],
];

const errorTexts: Readonly<Record<string, string>> = {
  400: 'Something in the request is not as described',
  401: 'The token or signature is missing, wrong, expired or not yet due',
  403: 'The token is somebody else’s',
  404: 'There is no such thing',
  405: 'The path takes other methods',
  409: 'It cannot be done now: taken, limited, sold out, closed, or the key was used for something else',
  413: 'The body is too large',
  415: 'The body is not JSON',
  429: 'Too many requests from this buyer',
  431: 'The headers are too large',
  500: 'Something went wrong on our side',
  503: 'Not just now: come back after Retry-After',
};

/** Prints the OpenAPI 3.1 document of these endpoints: the same input gives the same text. */
export function openApiDocument(routes: readonly RouteContract[], options: OpenApiOptions): JsonObject {
  const components = new Components();
  const paths: { [path: string]: JsonObject } = {};
  for (const route of routes) {
    paths[route.url] ??= {};
    paths[route.url]![route.method.toLowerCase()] = operation(route, components);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: options.title,
      version: options.version,
      ...(options.description === undefined ? {} : { description: options.description }),
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(routes.flatMap((route) => route.schema.tags))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'Its subject is the buyer',
        },
        roomToken: { type: 'apiKey', in: 'header', name: 'x-room-token', description: 'From enter' },
      },
      ...components.print(),
    },
  };
}

function operation({ schema, url, method }: RouteContract, components: Components): JsonObject {
  const details = operationDetails[schema.operationId] ?? {};
  const security = schema.security ?? details.security;
  const secured = security?.some((one) => 'roomToken' in one) ? ['x-room-token'] : [];
  const parameters = [
    ...parametersIn('path', schema.params, components),
    ...parametersIn('query', schema.querystring, components),
    ...parametersIn('header', schema.headers, components).filter(({ name }) => !secured.includes(name)),
  ];
  return {
    operationId: schema.operationId,
    summary: schema.summary,
    ...(schema.description === undefined ? {} : { description: schema.description }),
    tags: [...schema.tags],
    ...(security === undefined ? {} : { security: security }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(schema.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: {
              'application/json': {
                schema: components.refer(schema.body),
                ...(details.example === undefined ? {} : { example: details.example as Json }),
              },
            },
          },
        }),
    responses: responses({ schema, url, method }, components),
  };
}

function parametersIn(
  place: string,
  schema: TSchema | undefined,
  components: Components,
): (JsonObject & { name: string })[] {
  const { properties = {}, required = [] } = (schema ?? {}) as {
    properties?: Record<string, TSchema & { description?: string }>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(property.description === undefined ? {} : { description: property.description }),
    schema: components.refer(property),
  }));
}

function responses({ schema, url }: RouteContract, components: Components): JsonObject {
  const details = operationDetails[schema.operationId] ?? {};
  const answers: JsonObject = {};
  const statuses = new Set([
    ...Object.keys(schema.response),
    ...(details.etag ? ['304'] : []),
    ...everywhere(schema, url),
  ]);
  for (const status of [...statuses].sort()) {
    const answer = schema.response[status];
    if (status === '304') {
      answers[status] = { description: 'Unchanged since the ETag sent as If-None-Match' };
    } else if (answer === undefined || '$ref' in answer) {
      answers[status] = components.errorResponse(status);
    } else {
      const names = [
        ...(details.answerHeaders?.[Number(status)] ?? []),
        ...(details.etag ? (['ETag'] as const) : []),
      ];
      const also = status === '200' ? (details.alsoAs ?? []) : [];
      answers[status] = {
        description: status.startsWith('2') ? schema.summary : (errorTexts[status] ?? schema.summary),
        ...(names.length === 0 ? {} : { headers: headers(names) }),
        content: {
          'application/json': { schema: components.refer(answer) },
          ...Object.fromEntries(also.map((type) => [type, { schema: { type: 'string', format: 'binary' } }])),
        },
      };
    }
  }
  return answers;
}

/** Errors that come from the server around the handler. Health answers come even under pressure. */
function everywhere(schema: RouteContract['schema'], url: string): string[] {
  const takesInput = schema.body ?? schema.params ?? schema.querystring ?? schema.headers;
  return [
    ...(takesInput === undefined ? [] : ['400']),
    ...(schema.params === undefined ? [] : ['404']),
    ...(schema.body === undefined ? [] : ['413', '415']),
    // Refused before there is a path.
    '431',
    ...(url.endsWith('/health') ? [] : ['429', '500', '503']),
  ];
}

function headers(names: readonly HeaderName[]): JsonObject {
  return Object.fromEntries(names.map((name) => [name, answerHeaders[name]]));
}

/** Collects what the paths refer to. */
class Components {
  readonly #names = new Map(named.map(([name, schema]) => [JSON.stringify(bare(schema)), name]));
  readonly #used = new Set<string>();
  readonly #errorStatuses = new Set<string>();

  /** The schema as the document writes it: with references in place of named parts. */
  refer(schema: TSchema): Json {
    const plain = bare(schema) as Json;
    const name = this.#names.get(JSON.stringify(plain));
    if (name === undefined) return this.#referInside(plain);
    this.#used.add(name);
    return { $ref: `#/components/schemas/${name}` };
  }

  errorResponse(status: string): JsonObject {
    this.#errorStatuses.add(status);
    return { $ref: `#/components/responses/${errorName(status)}` };
  }

  print(): JsonObject {
    if (this.#errorStatuses.size > 0) this.#used.add('Error');
    const schemas: JsonObject = {};
    // A named schema may use further ones, so this goes on until nothing new turns up.
    for (let printed = -1; printed !== this.#used.size; ) {
      printed = this.#used.size;
      for (const [name, schema] of named) {
        if (this.#used.has(name)) schemas[name] = this.#referInside(bare(schema) as Json);
      }
    }
    const names = Object.keys(schemas).sort();
    return {
      responses: Object.fromEntries(
        [...this.#errorStatuses].sort().map((status) => [
          errorName(status),
          {
            description: errorTexts[status] ?? 'Error',
            ...(status === '429' || status === '503' ? { headers: headers(['Retry-After']) } : {}),
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
          },
        ]),
      ),
      schemas: Object.fromEntries(names.map((name) => [name, schemas[name]!])),
    };
  }

  #referInside(json: Json): Json {
    if (Array.isArray(json)) return json.map((item) => this.refer(item as TSchema));
    if (typeof json !== 'object' || json === null) return json;
    return Object.fromEntries(
      Object.entries(json).map(([key, value]) => [key, this.refer(value as TSchema)]),
    );
  }
}

const errorName = (status: string) => `Error${status}`;

/** Plain JSON without what belongs to the schema library, and without `$id`, which would change what references mean. */
function bare(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema), (key, value: unknown) => (key === '$id' ? undefined : value));
}
