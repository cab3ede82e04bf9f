import { context, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

const tracer = trace.getTracer('onsale');
let flush: (() => Promise<void>) | undefined;

/** The W3C traceparent of what is being done now, for a message attribute; undefined when nothing is traced. */
export function currentTraceparent(): string | undefined {
  const span = trace.getSpanContext(context.active());
  if (span === undefined || !trace.isSpanContextValid(span)) return undefined;
  // Written out rather than injected: the queue's attribute is a traceparent whatever the propagators are.
  return `00-${span.traceId}-${span.spanId}-0${span.traceFlags & 1}`;
}

const traceparentPattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/**
 * Runs `work` in a span that continues the trace of a message; without a traceparent, or with a broken one, in a trace
 * of its own. Without tracing it only runs `work`.
 */
export async function withRemoteParent<Result>(
  traceparent: string | undefined,
  name: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const match = traceparentPattern.exec(traceparent ?? '');
  const parent = match
    ? trace.setSpanContext(context.active(), {
        traceId: match[1]!,
        spanId: match[2]!,
        traceFlags: Number.parseInt(match[3]!, 16) & 1,
        isRemote: true,
      })
    : context.active();
  return await tracer.startActiveSpan(name, { kind: SpanKind.CONSUMER }, parent, (span) => ended(span, work));
}

/** Runs `work` in a child span, such as a batch written or a store asked; only runs it where nothing is being traced. */
export async function inSpan<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  if (!trace.getActiveSpan()?.isRecording()) return await work();
  return await tracer.startActiveSpan(name, { kind: SpanKind.CLIENT }, (span) => ended(span, work));
}

async function ended<Result>(span: Span, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR });
    if (error instanceof Error) span.recordException(error);
    throw error;
  } finally {
    span.end();
  }
}

/** Sends what has been traced but not sent; resolves also when the collector is away. */
export async function flushTraces(): Promise<void> {
  await flush?.();
}

/** For tracing.ts, which runs before everything else and knows the exporter. */
export function setTraceFlush(newFlush: () => Promise<void>): void {
  flush = newFlush;
}
