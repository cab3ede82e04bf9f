import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { privateRedis, testEngines } from '@onsale/local/test-engines';
import t from 'tap';
import { bundleService, entries } from './bundle-service.ts';

// A bundle is made in seconds; a busy machine takes its time.
t.setTimeout(120_000);
const outdir = await mkdtemp(join(tmpdir(), 'onsale-bundle-'));
t.teardown(() => rm(outdir, { recursive: true, force: true }));

t.test(
  'a bundle is under 5 MB, starts where there is no package, and serves API and docs page',
  async (t) => {
    const { bytes, compiledBytes } = await bundleService(entries['confirm-api']!, outdir);
    t.ok(bytes < 5_000_000, `${bytes} bytes`);
    t.ok(compiledBytes > 0, 'its code is compiled already');

    const engines = await testEngines(t, { needs: ['postgres', 'dynamodb', 'sqs'] });
    // Of its own: the heartbeat of a service that was killed would hold up admission in every other test.
    const redis = await privateRedis(t);
    const child = spawn(process.execPath, [join(outdir, 'main.mjs')], {
      cwd: outdir,
      env: {
        HOST: '127.0.0.1',
        PORT: '0',
        INTERNAL_PORT: '0',
        PRE_STOP_DELAY_MS: '0',
        AWS_REGION: 'ap-northeast-1',
        POSTGRES_URL: engines.postgresUrl,
        REDIS_URL: redis.url,
        DYNAMODB_ENDPOINT: engines.dynamodbEndpoint,
        SQS_ENDPOINT: engines.sqsEndpoint,
        COMMIT_QUEUE_URL: `${engines.sqsEndpoint}/000000000000/commits.fifo`,
        PAYMENT_PROVIDER_URL: 'http://127.0.0.1:9',
        PAYMENT_WEBHOOK_SECRETS: 'a-secret-of-a-test',
        IDENTITY: 'open',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = once(child, 'exit');
    t.teardown(async () => {
      child.kill('SIGKILL');
      await ended;
    });
    const said: string[] = [];
    child.stderr.on('data', (data: Buffer) => said.push(String(data)));
    const port = await new Promise<number>((resolve, reject) => {
      createInterface(child.stdout).on('line', (line) => {
        said.push(line);
        const { event, port } = JSON.parse(line) as { event?: string; port?: number };
        if (event === 'serving') resolve(port!);
      });
      child.once('exit', () => reject(new Error(`It ended:\n${said.join('\n')}`)));
    });
    const base = `http://127.0.0.1:${port}`;
    const get = (path: string, headers = {}) => fetch(`${base}${path}`, { headers });

    t.match(await (await get('/confirm/health')).json(), { ok: true });
    const answer = await get('/confirm/docs');
    const page = await answer.text();
    t.equal(answer.status, 200);
    const files = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(
      ([, path]) => new URL(path!, `${base}/confirm/docs/`).pathname,
    );
    t.ok(files.some((path) => path.endsWith('swagger-ui-bundle.js')));
    for (const path of files) {
      const file = await get(path);
      t.equal(file.status, 200, path);
      // Taken whole: an answer that is still being sent keeps a service from ending.
      await file.arrayBuffer();
    }
    t.match(await (await get('/confirm/docs/json')).json(), { paths: { '/confirm/commit': {} } });
    t.match(await (await get('/confirm/docs/yaml')).text(), /^ {2}\/confirm\/commit:/m);

    const script = '/confirm/docs/static/swagger-ui-bundle.js';
    const plain = await get(script, { 'accept-encoding': 'identity' });
    t.equal(plain.headers.get('content-encoding'), null);
    t.match((await plain.text()).slice(0, 2000), /swagger|webpack/i, 'whoever knows no Brotli gets it plain');
    const missing = await get('/confirm/docs/static/nothing.js');
    t.equal(missing.status, 404);
    await missing.text();

    child.kill('SIGTERM');
    t.strictSame(await ended, [0, null], 'and it drains');
  },
);

t.test('the bots’ bundle, whose settings all have defaults, is made and buys over the wire', async (t) => {
  const folder = join(outdir, 'bots');
  const { compiledBytes } = await bundleService(entries['bots']!, folder);
  t.ok(compiledBytes > 0, 'its code is compiled already');

  const api = createServer((_, answer) => answer.writeHead(404).end());
  const asked = once(api, 'request') as Promise<[{ url: string }]>;
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  t.teardown(() => api.close());
  const child = spawn(process.execPath, [join(folder, 'main.mjs')], {
    cwd: folder,
    env: {
      HOST: '127.0.0.1',
      INTERNAL_PORT: '0',
      BOTS_ENABLED: 'true',
      API_BASE: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(child, 'exit');
  t.teardown(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const [request] = await Promise.race([
    asked,
    ended.then(() => {
      throw new Error('It ended');
    }),
  ]);
  t.equal(request.url, '/api/events');
  child.kill('SIGTERM');
  t.strictSame(await ended, [0, null]);
});
