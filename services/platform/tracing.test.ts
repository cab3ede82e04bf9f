import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';

interface CollectedSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: { key: string; value: Record<string, unknown> }[];
  readonly status: { code?: number };
}

/** A collector that keeps what it is sent. */
async function startCollector(t: Test) {
  const spans: CollectedSpan[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => {
      for (const { resource, scopeSpans } of JSON.parse(text).resourceSpans) {
        const service = resource.attributes.find((one: any) => one.key === 'service.name').value.stringValue;
        for (const scope of scopeSpans) for (const span of scope.spans) spans.push({ service, ...span });
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { spans, endpoint: `http://127.0.0.1:${port}` };
}

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Starts traced-service.ts as a deployment does, and gives its first message. */
async function start(t: Test, role: 'api' | 'worker', env: Record<string, string>) {
  const child = fork(file('./testing/traced-service.ts'), [role], {
    execArgv: ['--import', new URL('./tracing.ts', import.meta.url).href],
    env: { OTEL_SERVICE_NAME: `confirm-${role}`, ...env },
  });
  t.teardown(() => child.kill('SIGKILL'));
  const [message] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('it ended'))),
  ])) as [any];
  return { child, message };
}

/** One commit through an API and a worker, each a process of its own. */
async function commit(t: Test, env: Record<string, string>, headers: Record<string, string> = {}) {
  const [api, worker] = await Promise.all([start(t, 'api', env), start(t, 'worker', env)]);
  const url = `http://127.0.0.1:${api.message.port}`;
  await fetch(`${url}/confirm/health`);
  const response = await fetch(`${url}/confirm/commit/alice?token=secret`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: '{"seatIds":["R1C1"]}',
  });
  const { traceparent } = (await response.json()) as { traceparent: string | null };
  api.child.send('stop');
  worker.child.send({ traceparent: traceparent ?? undefined });
  const [[{ traceparent: workerTraceparent }]] = (await Promise.all([
    once(worker.child, 'message'),
    once(api.child, 'exit'),
  ])) as [[{ traceparent: string | null }], unknown];
  return { traceparent, workerTraceparent };
}

// Six pairs of processes, each loading the SDK.
t.setTimeout(120_000);

t.test('a commit is one trace from the request to the worker', async (t) => {
  const { spans, endpoint } = await startCollector(t);
  const { traceparent } = await commit(t, { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, TRACE_SAMPLE_RATIO: '1' });
  t.match(traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  const named = (name: string) => spans.find((span) => span.name === name)!;
  const request = named('POST /confirm/commit/:userId');
  t.equal(request.service, 'confirm-api');
  t.equal(traceparent!.split('-')[1], request.traceId);
  const work = named('confirm order');
  t.equal(work.service, 'confirm-worker');
  t.equal(work.traceId, request.traceId);
  t.equal(work.parentSpanId, traceparent!.split('-')[2]);
  t.equal(named('write lock items').traceId, request.traceId);
  t.equal(named('failing order').status.code, 2);
  t.notMatch(JSON.stringify(spans), /alice|secret/, 'no buyer data');
  t.notOk(
    spans.some((span) => span.name.includes('health')),
    'probes are not traced',
  );
});

t.test('the caller’s decision and trace are followed', async (t) => {
  const { spans, endpoint } = await startCollector(t);
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, TRACE_SAMPLE_RATIO: '0' };
  const traceId = 'a'.repeat(32);
  const sampled = await commit(t, env, { traceparent: `00-${traceId}-${'b'.repeat(16)}-01` });
  t.equal(sampled.traceparent?.split('-')[1], traceId);
  t.ok(spans.filter((span) => span.traceId === traceId).length >= 3);
  const before = spans.length;
  const own = await commit(t, env);
  t.match(own.traceparent, /-00$/, 'not sampled, and the worker is told so');
  t.equal(spans.length, before);
});

t.test('with X-Ray’s format ids begin with the time, and its header is followed', async (t) => {
  const { spans, endpoint } = await startCollector(t);
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, TRACE_SAMPLE_RATIO: '1', TRACE_FORMAT: 'xray' };
  const own = await commit(t, env);
  const seconds = Number.parseInt(own.traceparent!.slice(3, 11), 16);
  t.ok(Math.abs(seconds - Date.now() / 1000) < 60, `${seconds}`);
  const followed = await commit(t, env, {
    'x-amzn-trace-id': 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1',
  });
  t.equal(followed.traceparent?.split('-')[1], '5759e988bd862e3fe1be46a994272793');
  t.ok(spans.some((span) => span.parentSpanId === '53995c3f42cd8ad8'));
});

t.test('a collector that is away holds up nothing', async (t) => {
  const startedMs = performance.now();
  const { workerTraceparent } = await commit(t, {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    TRACE_SAMPLE_RATIO: '1',
  });
  t.ok(workerTraceparent);
  t.ok(performance.now() - startedMs < 12_000);
});

t.test('without a collector nothing is traced', async (t) => {
  const { traceparent, workerTraceparent } = await commit(t, {});
  t.equal(traceparent, null);
  t.equal(workerTraceparent, null);
});
