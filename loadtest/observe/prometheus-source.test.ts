import { globSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { prometheusFigures } from './prometheus-figures.ts';
import { prometheusSource } from './prometheus-source.ts';

const root = new URL('../../', import.meta.url);

t.test('every metric that is asked for is declared by a service, the operator or the rules', async (t) => {
  const sources = globSync('{services,operators,cdk8s}/**/*.ts', {
    cwd: root.pathname,
    exclude: (path) => path.includes('node_modules') || path.endsWith('.test.ts'),
  })
    .map((file) => readFileSync(new URL(file, root), 'utf8'))
    .join('\n');
  for (const { figure, query } of prometheusFigures) {
    for (const [metric] of query.matchAll(/onsale_\w+/g)) {
      const name = metric.replace(/_(bucket|count)$/, '');
      const gauge = name.replace('onsale_admission_', '');
      t.ok(
        sources.includes(`'${name}'`) || sources.includes(`gauge('${gauge}'`),
        `${figure} reads ${metric}`,
      );
    }
  }
});

t.test(
  'what is no Prometheus is told by its answer, and held up for by no more than the run’s end',
  async (t) => {
    const server = createServer((_, response) => response.writeHead(502).end('<html>Bad gateway</html>'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.teardown(() => server.close());
    const { port } = server.address() as AddressInfo;
    const signal = new AbortController().signal;
    const read = prometheusSource(`http://127.0.0.1:${port}`).read({ fromMs: 0, toMs: 1000, signal });
    await t.rejects(read, /status 502/);
  },
);

t.test('Amazon’s workspaces are asked with a signature of their Region, others with none', async (t) => {
  const sent: { url: string; headers: Record<string, string> }[] = [];
  t.intercept(globalThis, 'fetch', {
    value: async (url: URL, { headers }: { headers: Record<string, string> }) => {
      sent.push({ url: String(url), headers });
      return new Response('{"status":"success","data":{"result":[]}}');
    },
  });
  // The file's own process: nothing after this test asks for credentials.
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' });
  const signal = new AbortController().signal;
  for (const address of [
    'https://aps-workspaces.ap-northeast-1.amazonaws.com/workspaces/ws-1',
    'http://127.0.0.1:9090',
  ])
    await prometheusSource(address, [{ figure: 'up', query: 'up' }]).read({
      fromMs: 0,
      toMs: 60_000,
      signal,
    });
  t.match(
    sent[0]!.url,
    /^https:\/\/aps-workspaces.*\/workspaces\/ws-1\/api\/v1\/query_range\?query=up&start=0\.000&end=60\.000&step=15$/,
  );
  t.match(
    sent[0]!.headers['authorization'],
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/ap-northeast-1\/aps\/aws4_request/,
  );
  t.strictSame(sent[1]!.headers, {});
});
