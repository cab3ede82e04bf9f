// Preloaded by `node --import @onsale/platform/tracing` before anything else. Without a collector it ends here, and the
// OpenTelemetry SDK is not even loaded.
import { TracingEnv } from '@onsale/contracts/env/tracing';
import { loadConfig } from './config.ts';

const config = loadConfig(TracingEnv);
if (config.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined) {
  const { startTracing } = await import('./start-tracing.ts');
  startTracing(config, config.OTEL_EXPORTER_OTLP_ENDPOINT);
}
