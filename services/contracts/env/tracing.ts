import { Type } from 'typebox';
import { HttpUrl } from './setting.ts';

/** Settings of the preloaded tracing; names are OpenTelemetry's own where it has one. */
export const TracingEnv = Type.Object(
  {
    OTEL_EXPORTER_OTLP_ENDPOINT: Type.Optional(
      HttpUrl('OTLP/HTTP collector; without it nothing is traced and tracing costs nothing'),
    ),
    OTEL_SERVICE_NAME: Type.Optional(Type.String({ description: 'Name of the service in traces' })),
    TRACE_SAMPLE_RATIO: Type.Number({
      description: 'Share of requests traced when the caller has not decided; a decided parent is followed',
      minimum: 0,
      maximum: 1,
      default: 0.01,
    }),
    TRACE_FORMAT: Type.Enum(['w3c', 'xray'], {
      description:
        'w3c: traceparent; xray: trace ids begin with the time and X-Amzn-Trace-Id from the load balancer is followed too',
      default: 'w3c',
    }),
  },
  { $id: 'tracing' },
);

export type TracingEnv = Type.Static<typeof TracingEnv>;
