import { pino, type Logger } from 'pino';

/** One JSON line per event: `event` names it, the fields say the rest; never buyer data. */
export function createLogger(service: string, level: string): Logger {
  return pino({
    level,
    base: { service },
    formatters: { level: (label) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: [
        'userId',
        '*.userId',
        'token',
        '*.token',
        'roomToken',
        'authorization',
        '*.authorization',
        '*["x-room-token"]',
        '*["idempotency-key"]',
        '*["x-onsale-signature"]',
        'err.detail',
        'err.query',
        'err.parameters',
      ],
      censor: '[redacted]',
    },
  });
}
