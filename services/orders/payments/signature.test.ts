import t from 'tap';
import { isSignedBody, signBody } from './signature.ts';

const nowMs = 1_800_000_000_000;
const body = Buffer.from('{"type":"payment.captured"}');

t.test('what a secret has signed is signed, while the signature is fresh', (t) => {
  const header = signBody('secret-one', body, nowMs);
  t.match(header, /^t=1800000000,v1=[0-9a-f]{64}$/);
  t.ok(isSignedBody(['secret-one'], header, body, nowMs));
  t.ok(isSignedBody(['secret-one'], header, body, nowMs + 299_000));
  t.notOk(isSignedBody(['secret-one'], header, body, nowMs + 301_000), 'too old');
  t.notOk(isSignedBody(['secret-one'], header, body, nowMs - 301_000), 'from the future');
  t.end();
});

t.test('while a secret is replaced both are accepted, on either side', (t) => {
  const old = signBody('secret-old', body, nowMs);
  const both = `${old},${signBody('secret-new', body, nowMs).split(',')[1]}`;
  t.ok(isSignedBody(['secret-new', 'secret-old'], old, body, nowMs));
  t.ok(isSignedBody(['secret-new'], both, body, nowMs));
  t.notOk(isSignedBody(['secret-third'], both, body, nowMs));
  t.notOk(isSignedBody([], old, body, nowMs));
  t.end();
});

t.test('other bytes, another time or half a header are not signed', (t) => {
  const header = signBody('secret-one', body, nowMs);
  const digest = header.split('v1=')[1]!;
  t.notOk(isSignedBody(['secret-one'], header, Buffer.concat([body, Buffer.from(' ')]), nowMs));
  for (const other of [
    undefined,
    '',
    'nonsense',
    `v1=${digest}`,
    't=1800000000',
    `t=1800000001,v1=${digest}`,
    `t=1800000000,v1=${digest.slice(1)}`,
    `t=1800000000,v1=${digest}00`,
    `t=abc,v1=${digest}`,
    `t=-1,v1=${digest}`,
  ]) {
    t.notOk(isSignedBody(['secret-one'], other, body, nowMs), String(other));
  }
  t.ok(isSignedBody(['secret-one'], ` t=1800000000 , v1=${digest.toUpperCase()} `, body, nowMs));
  t.end();
});
