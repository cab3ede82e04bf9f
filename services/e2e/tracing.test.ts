import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { Buyer, until } from './buyer.ts';
import { publishEvent, startStack } from './sale-fixture.ts';

interface Export {
  readonly resourceSpans: {
    readonly resource: { readonly attributes: { key: string; value: { stringValue: string } }[] };
    readonly scopeSpans: { readonly spans: { name: string; traceId: string }[] }[];
  }[];
}

t.setTimeout(300_000);

t.test('a commit and its settling, in two services with a queue between them, are one trace', async (t) => {
  const spans: { service: string; name: string; traceId: string }[] = [];
  const collector = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString()) as Export;
      for (const { resource, scopeSpans } of resourceSpans) {
        const service = resource.attributes.find(({ key }) => key === 'service.name')!.value.stringValue;
        for (const scope of scopeSpans) for (const span of scope.spans) spans.push({ service, ...span });
      }
      response.end('{}');
    });
  });
  collector.listen(0, '127.0.0.1');
  await once(collector, 'listening');
  t.teardown(() => collector.close());
  const { port } = collector.address() as AddressInfo;

  const stack = await startStack(t, {
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, TRACE_SAMPLE_RATIO: '1' },
  });
  const eventId = await publishEvent(stack);
  const buyer = new Buyer(stack.url, eventId);
  await buyer.awaitTurn();
  t.equal((await buyer.buy(['R1C1'])).order.status, 'CONFIRMED');

  await until('both services have told of the commit', 60_000, async () => {
    const settled = spans.filter((span) => span.service === 'confirm-worker');
    return spans.some(
      ({ service, traceId, name }) =>
        service === 'confirm-api' &&
        name.startsWith('POST /confirm/') &&
        settled.some((span) => span.traceId === traceId),
    );
  });
  t.ok(
    spans.every((span) => !JSON.stringify(span).includes(buyer.userId)),
    'no span names the buyer',
  );
});
