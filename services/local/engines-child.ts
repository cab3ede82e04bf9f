import { migrate } from '@onsale/orders/migrate';
import { startEngines } from './engines/start-engines.ts';

/**
 * PostgreSQL with its schema and Redis, for a program that imports nothing of ours: it forks this file, gets their
 * addresses as one message, `{postgresUrl, redisUrl}`, and ends them by disconnecting.
 */
const engines = await startEngines({
  dir: '',
  keep: false,
  only: ['postgres', 'redis'],
  report: () => undefined,
});

let stopping = false;
const stop = () => {
  if (stopping) return;
  stopping = true;
  void engines.stop().finally(() => process.exit(0));
};
process.on('disconnect', stop);
process.on('SIGTERM', stop);
// A terminal's Ctrl-C goes to everybody: the owner still needs the engines then, and disconnects at its end.
process.on('SIGINT', () => undefined);

await migrate(engines.postgresUrl);
const { postgresUrl, redisUrl } = engines;
process.send?.({ postgresUrl, redisUrl });
if (!process.connected) stop();
