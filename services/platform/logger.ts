import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';

/** One JSON line per event: `event` names it, the fields say the rest; never buyer data. */
export function createLogger(service: string, level: string, destination?: DestinationStream): Logger {
  const options: LoggerOptions = {
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
        // Keys and arguments of a failed Redis command name buyers.
        'err.command.args',
        'err.previousErrors',
        'err["$response"]',
      ],
      censor: '[redacted]',
    },
  };
  return destination ? pino(options, destination) : pino(options);
}
