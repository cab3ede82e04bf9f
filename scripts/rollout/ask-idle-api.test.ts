import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ticketingApi } from '@onsale/contracts/openapi/ticketing-api';
import t from 'tap';
import { askIdleApi } from './ask-idle-api.ts';

t.test('an idle API is asked what its contract has, and may answer badly', async (t) => {
  const asked: string[] = [];
  const server = createServer(({ url = '' }, answer) => {
    asked.push(url);
    answer.writeHead(asked.length % 2 === 0 ? 503 : 200).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await askIdleApi(base, 'public-api', 5);
  await askIdleApi(base, 'confirm-api', 5);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  t.equal(asked.length, 10);
  const { paths } = ticketingApi() as { paths: Record<string, { get?: unknown }> };
  for (const url of asked) t.ok(paths[url.split('?')[0]!]?.get, url);
  t.equal(new Set(asked).size, 2);
  await t.resolves(askIdleApi(base, 'public-api', 2), 'nobody there is no reason to stop');
});
