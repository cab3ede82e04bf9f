import { ConfirmApiEnv } from '@onsale/contracts/env/confirm-api';
import { ConfirmWorkerEnv } from '@onsale/contracts/env/confirm-worker';
import { PublicApiEnv } from '@onsale/contracts/env/public-api';
import { TracingEnv } from '@onsale/contracts/env/tracing';
import t from 'tap';
import { ConfigError } from './config-error.ts';
import { loadConfig } from './config.ts';

const enough = {
  POSTGRES_URL: 'postgres://onsale:pw@db/onsale',
  ROOM_TOKEN_KEYS: `${'a'.repeat(32)},${'b'.repeat(32)}`,
  JWKS_URL: 'https://issuer.example/jwks',
};

t.test('what is given is read as its type, the rest has defaults, and nothing can be changed', (t) => {
  const config = loadConfig(PublicApiEnv, {
    ...enough,
    PORT: '0',
    REDIS_CLUSTER: 'true',
    ACCESS_LOG: '',
    OTHER: 'x',
  });
  t.match(config, {
    PORT: 0,
    INTERNAL_PORT: 9090,
    REDIS_CLUSTER: true,
    ACCESS_LOG: false,
    LOG_LEVEL: 'info',
    IDENTITY: 'bearer',
    ROOM_TOKEN_KEYS: ['a'.repeat(32), 'b'.repeat(32)],
    CORS_ORIGINS: [],
    BUYER_LIMIT: 300,
  });
  t.notOk('OTHER' in config, 'nothing but its own settings');
  t.throws(() => Object.assign(config, { PORT: 1 }), TypeError);
  t.throws(() => (config.ROOM_TOKEN_KEYS as string[]).push('c'), TypeError);
  t.end();
});

t.test('bad configuration names every bad variable and what it should be, and shows no value', (t) => {
  const error = t.throws(() =>
    loadConfig(PublicApiEnv, {
      PORT: 'eighty-secret',
      POSTGRES_URL: 'mysql://user:hunter2@db',
      LOG_LEVEL: 'loud-secret',
      REDIS_CLUSTER: 'perhaps-secret',
      ROOM_TOKEN_KEYS: 'short-secret',
      SHED_REQUESTS_IN_FLIGHT: '-1',
      DYNAMODB_ENDPOINT: 'no-address',
    }),
  ) as ConfigError;
  t.ok(error instanceof ConfigError);
  t.same([...error.problems].sort(), [
    'DYNAMODB_ENDPOINT should be an http:// or https:// address',
    'JWKS_URL or LOCAL_JWT_KEY is missing: IDENTITY is bearer',
    'LOG_LEVEL should be one of fatal, error, warn, info, debug, trace, silent',
    'PORT should be a whole number from 0 to 65535',
    'POSTGRES_URL should be a postgres:// address',
    'REDIS_CLUSTER should be true or false',
    'ROOM_TOKEN_KEYS should be one or more keys of at least 32 characters, separated by commas',
    'SHED_REQUESTS_IN_FLIGHT should be a whole number of at least 0',
  ]);
  t.notMatch(error.stack, /secret|hunter2|mysql/);
  t.end();
});

t.test('what has no default must be given', (t) => {
  const error = t.throws(() => loadConfig(ConfirmWorkerEnv, {})) as ConfigError;
  t.same(error.problems, [
    'POSTGRES_URL is missing: it should be a postgres:// address',
    'COMMIT_QUEUE_URL is missing: it should be an http:// or https:// address',
    'PAYMENT_PROVIDER_URL is missing: it should be an http:// or https:// address',
  ]);
  t.end();
});

t.test('bearer identity needs keys to check tokens with, open identity none', (t) => {
  const given = { ...enough, JWKS_URL: '' };
  const error = t.throws(() => loadConfig(PublicApiEnv, { ...given, PORT: 'x' })) as ConfigError;
  t.same(error.problems, [
    'PORT should be a whole number from 0 to 65535',
    'JWKS_URL or LOCAL_JWT_KEY is missing: IDENTITY is bearer',
  ]);
  t.match(loadConfig(PublicApiEnv, { ...given, IDENTITY: 'open' }), { IDENTITY: 'open' });
  t.match(loadConfig(PublicApiEnv, { ...given, LOCAL_JWT_KEY: 'k'.repeat(32) }), { IDENTITY: 'bearer' });
  t.end();
});

t.test('every setting of every process says what it is, and secrets have no default', (t) => {
  for (const schema of [PublicApiEnv, ConfirmApiEnv, ConfirmWorkerEnv, TracingEnv]) {
    for (const [name, property] of Object.entries(schema.properties)) {
      const { description, secret, ...rest } = property as Record<string, unknown>;
      t.type(description, 'string', name);
      if (/KEY|SECRET|TOKEN|PASSWORD|POSTGRES_URL/.test(name)) t.equal(secret, true, `${name} is a secret`);
      if (secret) t.notOk('default' in rest, `${name} has no default`);
    }
  }
  t.end();
});
