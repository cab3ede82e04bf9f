import type { Need } from '@onsale/contracts/env/setting';
import type { ErrorObject } from 'ajv';
import addFormats from 'ajv-formats';
import { envSchema } from 'env-schema';
import type { Static, TObject } from 'typebox';
import { ConfigError } from './config-error.ts';
import { expectation, type SettingSchema } from './config-expectation.ts';

/** A process's settings as its schema types them, not to be changed. */
export type Config<Schema extends TObject> = Readonly<Static<Schema>>;

/**
 * Reads settings from the environment. An empty variable counts as not given, as charts render them. Throws one
 * {@link ConfigError} that names every bad variable and what it should be, never what it is: it may be a secret.
 */
export function loadConfig<Schema extends TObject>(
  schema: Schema,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Config<Schema> {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const problems = new Map<string, string>();
  let config: Record<string, unknown> = {};
  try {
    config = envSchema<Record<string, unknown>>({
      // The copy is for env-schema, which marks the schema it is given.
      schema: { ...schema, $id: undefined },
      data: given,
      env: false,
      ajv: {
        customOptions: (ajv) => {
          addFormats.default(ajv);
          for (const keyword of ['secret', 'expected', 'needs']) ajv.addKeyword(keyword);
          return ajv;
        },
      },
    });
  } catch (error) {
    const { errors } = error as { errors?: ErrorObject[] };
    if (!errors) throw error;
    for (const one of errors) {
      const variable =
        one.keyword === 'required' ? String(one.params['missingProperty']) : one.instancePath.slice(1);
      problems.set(variable, describe(schema, variable, one.keyword === 'required'));
    }
  }
  for (const need of (schema as { needs?: readonly Need[] }).needs ?? []) {
    // From what was given, so that a bad variable elsewhere does not keep this one back for the next attempt.
    const { variable, is } = need.when;
    const value = given[variable] ?? (schema.properties[variable] as SettingSchema).default;
    if (value === is && need.oneOf.every((name) => given[name] === undefined)) {
      problems.set(need.oneOf.join(' or '), `${need.oneOf.join(' or ')} is missing: ${variable} is ${is}`);
    }
  }
  if (problems.size > 0) throw new ConfigError([...problems.values()]);
  for (const value of Object.values(config)) Object.freeze(value);
  return Object.freeze(config) as Config<Schema>;
}

function describe(schema: TObject, variable: string, missing: boolean): string {
  const property = schema.properties[variable];
  return `${variable} ${missing ? 'is missing: it' : ''} should be ${property ? expectation(property) : 'something else'}`.replaceAll(
    '  ',
    ' ',
  );
}
