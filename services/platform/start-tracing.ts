import { randomBytes } from 'node:crypto';
import { basename, dirname } from 'node:path';
import { FastifyOtelInstrumentation } from '@fastify/otel';
import { CompositePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { AWSXRayPropagator } from '@opentelemetry/propagator-aws-xray';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  type IdGenerator,
  NodeTracerProvider,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-node';
import type { TracingEnv } from '@onsale/contracts/env/tracing';
import { setTraceFlush } from './trace-context.ts';

/** A collector that is away must not hold up a shutdown. */
const flushDeadlineMs = 2000;

/** Sends spans of every Fastify app made from now on, and of trace-context's functions, to an OTLP/HTTP collector. */
export function startTracing(config: TracingEnv, endpoint: string): void {
  const isXray = config.TRACE_FORMAT === 'xray';
  const serviceName = config.OTEL_SERVICE_NAME ?? basename(dirname(process.argv[1] ?? 'onsale'));
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName }).merge(
      detectResources({ detectors: [envDetector] }),
    ),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(config.TRACE_SAMPLE_RATIO) }),
    spanProcessors: [
      new BatchSpanProcessor(
        new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces`, timeoutMillis: 5000 }),
        { scheduledDelayMillis: 1000 },
      ),
    ],
    ...(isXray ? { idGenerator: xrayIds } : {}),
  });
  provider.register({
    propagator: new CompositePropagator({
      propagators: [...(isXray ? [new AWSXRayPropagator()] : []), new W3CTraceContextPropagator()],
    }),
  });
  const fastify = new FastifyOtelInstrumentation({
    registerOnInitialization: true,
    // A span of its own for each hook says nothing and costs as much as the request's.
    instrumentHooks: false,
    // Not the handler's: it is what carries the context past the reading of the body.
    instrumentHandler: true,
    // Every app asks this: the internal port's probes are not worth a trace.
    ignorePaths: ({ url }) => /^\/(healthz|readyz|metrics)$|\/(health|ping)$/.test(url.split('?', 1)[0]!),
    requestHook: (span, request) => {
      const route = request.routeOptions.url ?? 'unknown';
      span.updateName(`${request.method} ${route}`);
      // Addresses hold room tokens and user ids, which are nobody's business.
      span.setAttribute('url.path', route);
    },
  });
  fastify.setTracerProvider(provider);
  fastify.enable();
  setTraceFlush(async () => {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, flushDeadlineMs);
    });
    await Promise.race([provider.forceFlush().catch(() => undefined), deadline]);
    clearTimeout(timer);
  });
}

/** X-Ray goes by the time in a trace's id: its first eight digits are the epoch second. */
const xrayIds: IdGenerator = {
  generateTraceId: () =>
    Math.floor(Date.now() / 1000)
      .toString(16)
      .padStart(8, '0') + randomBytes(12).toString('hex'),
  generateSpanId: () => randomBytes(8).toString('hex'),
};
