import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, SignJWT, UnsecuredJWT } from 'jose';
import { Registry } from 'prom-client';
import t from 'tap';
import { ApiError } from '../http/api-error.ts';
import { createIdentity, type IdentitySettings } from './create-identity.ts';
import { issueLocalToken } from './issue-local-token.ts';

const secret = 'a-secret-of-thirty-two-bytes-or-more';
const hmac = (text: string) => new TextEncoder().encode(text);
const nowSeconds = () => Math.floor(Date.now() / 1000);

const identity = (settings: Partial<IdentitySettings> = {}) =>
  createIdentity({ mode: 'bearer', localKey: secret, ...settings });
const tokenFor = (userId: string, roles: string[] = [], ttlSeconds = 60) =>
  issueLocalToken({ userId, roles, key: secret, ttlSeconds });
const head = (token?: string) => ({
  headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
});

/** The code and message of a refusal. */
async function refusal(action: Promise<unknown>): Promise<string> {
  try {
    await action;
  } catch (error) {
    if (error instanceof ApiError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'not refused';
}

t.test('open: the user id is taken as said, and a token that is sent must fit it', async (t) => {
  const open = identity({ mode: 'open' });
  t.same(await open.identify(head(), 'alice'), { userId: 'alice', roles: [] });
  t.equal(
    await refusal(open.identify(head(), undefined)),
    'unauthorized: Say who asks: a userId, or a bearer token',
  );
  const token = await tokenFor('alice', ['operator']);
  t.same(await open.identify(head(token), 'alice'), { userId: 'alice', roles: ['operator'] });
  t.equal(
    await refusal(open.identify(head(token), 'bob')),
    'forbidden: userId must be the subject of the bearer token',
  );
  t.match(await refusal(open.identify(head('not.a.token'), 'alice')), 'unauthorized');
});

t.test('bearer: a token is required and its subject is the buyer', async (t) => {
  const bearer = identity();
  t.match(await refusal(bearer.identify(head(), 'alice')), /^unauthorized: Send a bearer token/);
  const token = await tokenFor('alice');
  t.same(await bearer.identify(head(token), 'alice'), { userId: 'alice', roles: [] });
  t.same(await bearer.identify(head(token), undefined), { userId: 'alice', roles: [] });
  t.match(await refusal(bearer.identify(head(token), 'bob')), /^forbidden/);
});

t.test('/api wants a token in both modes', async (t) => {
  for (const mode of ['open', 'bearer'] as const) {
    const one = identity({ mode });
    t.match(await refusal(one.requireBearer(head())), /^unauthorized: Send a bearer token/, mode);
    t.same(await one.requireBearer(head(await tokenFor('alice', ['operator']))), {
      userId: 'alice',
      roles: ['operator'],
    });
  }
});

t.test('a header that is no bearer token says so', async (t) => {
  for (const authorization of ['Basic YWxpY2U6cHc=', 'Bearer', 'Bearer ', 'Bearer a b', 'eyJ']) {
    t.equal(
      await refusal(identity().requireBearer({ headers: { authorization } })),
      'unauthorized: The Authorization header must read: Bearer <token>',
      authorization,
    );
  }
});

t.test('tokens that prove nothing are refused, each with its reason', async (t) => {
  const strict = identity({ issuer: 'https://id.example', audience: 'onsale' });
  const claims = (extra: object = {}) =>
    new SignJWT({ iss: 'https://id.example', aud: 'onsale', sub: 'alice', exp: nowSeconds() + 60, ...extra });
  const sign = (token: SignJWT, key = secret) => token.setProtectedHeader({ alg: 'HS256' }).sign(hmac(key));
  t.match(await strict.requireBearer(head(await sign(claims()))), { userId: 'alice' });

  const without = (claim: string) => claims({ [claim]: undefined });
  const [header, payload, signature] = (await sign(claims())).split('.') as [string, string, string];
  const asBob = Buffer.from(
    JSON.stringify({ ...JSON.parse(Buffer.from(payload, 'base64url').toString()), sub: 'bob' }),
  );
  const cases: [string, string, RegExp][] = [
    ['expired', await sign(claims({ exp: nowSeconds() - 1 })), /has expired/],
    ['not yet valid', await sign(claims({ nbf: nowSeconds() + 60 })), /not valid yet/],
    ['wrong audience', await sign(claims({ aud: 'elsewhere' })), /another service/],
    ['wrong issuer', await sign(claims({ iss: 'https://evil.example' })), /another issuer/],
    ['no expiry', await sign(without('exp')), /no valid exp/],
    ['no subject', await sign(without('sub')), /no valid sub/],
    ['unusable subject', await sign(claims({ sub: 'two words' })), /user id/],
    ['empty subject', await sign(claims({ sub: '' })), /user id/],
    ['another key', await sign(claims(), 'another-secret-of-thirty-two-bytes!!'), /signature/],
    ['changed payload', [header, asBob.toString('base64url'), signature].join('.'), /signature/],
    [
      'alg none',
      new UnsecuredJWT({ sub: 'alice' })
        .setIssuer('https://id.example')
        .setAudience('onsale')
        .setExpirationTime('1h')
        .encode(),
      /no signed JWT|not accepted/,
    ],
    [
      'another algorithm',
      await claims().setProtectedHeader({ alg: 'HS512' }).sign(Buffer.alloc(64, 1)),
      /not accepted/,
    ],
    ['no JWT', 'abc', /no signed JWT/],
  ];
  for (const [name, token, reason] of cases) {
    const said = await refusal(strict.requireBearer(head(token)));
    t.match(said, /^unauthorized: /, name);
    t.match(said, reason, name);
  }
});

t.test('a token that was good is refused once it has expired', async (t) => {
  let nowMs = Date.now();
  const one = identity({ nowMs: () => nowMs });
  const token = await tokenFor('alice', [], 60);
  t.match(await one.requireBearer(head(token)), { userId: 'alice' });
  nowMs += 59_000;
  t.match(await one.requireBearer(head(token)), { userId: 'alice' });
  nowMs += 1000;
  t.match(await refusal(one.requireBearer(head(token))), /has expired/);
});

t.test('a signature is checked once, refusals every time', async (t) => {
  const registry = new Registry();
  const one = identity({ registry });
  const token = await tokenFor('alice');
  for (let i = 0; i < 3; i++) await one.requireBearer(head(token));
  for (let i = 0; i < 2; i++) await refusal(one.requireBearer(head('a.b.c')));
  const { values } = await registry.getSingleMetric('onsale_token_checks_total')!.get();
  t.same(Object.fromEntries(values.map(({ labels, value }) => [labels['result'], value])), {
    checked: 1,
    known: 2,
    refused: 2,
  });
});

t.test('roles come as an array or as words, from the configured claim', async (t) => {
  const withRoles = async (claim: string, value: unknown) => {
    const token = await new SignJWT({ sub: 'alice', exp: nowSeconds() + 60, [claim]: value })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(hmac(secret));
    return (await identity({ rolesClaim: claim }).requireBearer(head(token))).roles;
  };
  t.same(await withRoles('roles', ['operator', 7, 'buyer']), ['operator', 'buyer']);
  t.same(await withRoles('cognito:groups', ['operator']), ['operator']);
  t.same(await withRoles('scope', 'operator  buyer'), ['operator', 'buyer']);
  t.same(await withRoles('roles', { operator: true }), []);
});

t.test('an Ed25519 key serves too, and its public half cannot sign', async (t) => {
  const pair = generateKeyPairSync('ed25519');
  const privatePem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  const publicPem = pair.publicKey.export({ type: 'spki', format: 'pem' }) as string;
  const token = await issueLocalToken({ userId: 'alice', roles: [], key: privatePem, ttlSeconds: 60 });
  t.match(await identity({ localKey: publicPem }).requireBearer(head(token)), { userId: 'alice' });
  t.match(await identity({ localKey: privatePem }).requireBearer(head(token)), { userId: 'alice' });
  await t.rejects(
    issueLocalToken({ userId: 'alice', roles: [], key: publicPem, ttlSeconds: 60 }),
    /private key/,
  );
  // The public key is no secret: a token signed with it as if it were one must not pass.
  const forged = await new SignJWT({ sub: 'alice', exp: nowSeconds() + 60 })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(hmac(publicPem));
  t.match(await refusal(identity({ localKey: publicPem }).requireBearer(head(forged))), /not accepted/);
});

t.test('a bad configuration fails at the start', async (t) => {
  t.throws(() => createIdentity({ mode: 'bearer' }), /key set \(JWKS\) address or a local key/);
  t.throws(() => identity({ localKey: 'short' }), /at least 32 bytes/);
  t.throws(() => identity({ jwksUrl: 'http://127.0.0.1/jwks' }), /not both/);
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
  t.throws(() => identity({ localKey: rsa.export({ type: 'spki', format: 'pem' }) as string }), /Ed25519/);
  const open = createIdentity({ mode: 'open' });
  t.match(await refusal(open.requireBearer(head(await tokenFor('alice')))), /no key to check/);
});

t.test(
  "the provider's keys are fetched once, and a provider that is away is no fault of the token's",
  async (t) => {
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' };
    let asked = 0;
    const server = createServer((_request, response) => {
      asked++;
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] }));
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
    t.teardown(() => server.close());
    const remote = createIdentity({ mode: 'bearer', jwksUrl });
    const sign = (userId: string, kid = 'k1') =>
      new SignJWT({ sub: userId, exp: nowSeconds() + 60 })
        .setProtectedHeader({ alg: 'RS256', kid })
        .sign(pair.privateKey);
    t.match(await remote.requireBearer(head(await sign('alice'))), { userId: 'alice' });
    t.match(await remote.requireBearer(head(await sign('bob'))), { userId: 'bob' });
    t.match(
      await refusal(remote.requireBearer(head(await sign('carol', 'k2')))),
      /^unauthorized: .*signature/,
    );
    t.equal(asked, 1, 'an unknown key id does not make it ask again at once');
    t.match(
      await refusal(remote.requireBearer(head(await tokenFor('mallory')))),
      /^unauthorized: .*not accepted/,
      'no symmetric algorithm with public keys',
    );

    const away = createIdentity({ mode: 'bearer', jwksUrl: 'http://127.0.0.1:9/jwks.json' });
    t.match(await refusal(away.requireBearer(head(await sign('alice')))), /^unavailable: /);
  },
);
