import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { type ClusterClient, createClusterClient, type WatchEvent } from './cluster-client.ts';

async function clientOf(t: Test, listener: RequestListener): Promise<ClusterClient> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = createClusterClient({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ca: undefined,
    token: async () => 'of-this-test',
    clientCertificate: undefined,
  });
  t.teardown(() => {
    client.close();
    server.closeAllConnections();
    server.close();
  });
  return client;
}

t.test('a call carries its token, its query and how its patch is meant', async (t) => {
  const seen: unknown[] = [];
  const client = await clientOf(t, (request, response) => {
    const { method, url, headers } = request;
    seen.push([method, url, headers.authorization, headers['content-type']]);
    response.end('{"kind":"Lease"}');
  });
  const answer = await client.call<{ kind: string }>('PATCH', '/apis/x', {
    query: { force: true, continue: undefined },
    patch: 'apply',
    body: {},
  });
  t.equal(answer.kind, 'Lease');
  t.same(seen, [['PATCH', '/apis/x?force=true', 'Bearer of-this-test', 'application/apply-patch+yaml']]);
});

t.test('a refusal rejects with its status and the words of the API server', async (t) => {
  const client = await clientOf(t, (request, response) => {
    const status = request.url === '/words' ? 409 : 502;
    response.writeHead(status).end(status === 409 ? '{"message":"the object has been modified"}' : '<html>');
  });
  await t.rejects(client.call('GET', '/words'), { status: 409, message: 'the object has been modified' });
  await t.rejects(client.call('GET', '/none'), { status: 502, message: 'GET /none was answered 502' });
});

t.test('a watch hands out events that come in pieces, and ends where the server ends it', async (t) => {
  const lines = `${JSON.stringify({ type: 'ADDED', object: { name: '좌석' } })}\n${JSON.stringify({ type: 'BOOKMARK', object: {} })}\n`;
  const bytes = Buffer.from(lines);
  const client = await clientOf(t, (_request, response) => {
    // Cut in the middle of a letter.
    const cut = bytes.indexOf(Buffer.from('좌')) + 1;
    response.write(bytes.subarray(0, cut));
    setTimeout(() => response.end(bytes.subarray(cut)), 20);
  });
  const events: WatchEvent[] = [];
  await client.watch('/apis/x', {}, (event) => events.push(event), new AbortController().signal);
  t.same(events, [
    { type: 'ADDED', object: { name: '좌석' } },
    { type: 'BOOKMARK', object: {} },
  ]);
});

t.test('a watch that breaks off, is told of an error or is given up rejects', async (t) => {
  const client = await clientOf(t, (request, response) => {
    if (request.url?.startsWith('/gone')) {
      response.end('{"type":"ERROR","object":{"code":410,"message":"too old"}}\n');
      return;
    }
    response.write('{"type":"ADDED","object":{}}\n');
    if (request.url?.startsWith('/broken')) setTimeout(() => response.destroy(), 20);
  });
  const never = new AbortController().signal;
  await t.rejects(
    client.watch('/gone', {}, () => {}, never),
    { status: 410, message: 'too old' },
  );
  await t.rejects(client.watch('/broken', {}, () => {}, never));
  const stop = new AbortController();
  await t.rejects(client.watch('/silent', {}, () => stop.abort(), stop.signal));
});
