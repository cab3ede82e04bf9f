import { existsSync } from 'node:fs';
import { Server } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { startFauxqs } from 'fauxqs';

const {
  host = '127.0.0.1',
  port,
  dataDir,
} = JSON.parse(process.argv[2] ?? '{}') as { host?: string; port: number; dataDir?: string };

// fauxqs listens on every interface and takes no other; an emulator that checks no signature stays on loopback unless asked.
const listen = Server.prototype.listen;
Server.prototype.listen = function onHost(this: Server, ...args: unknown[]) {
  const [first, ...rest] = args;
  const bound = typeof first === 'object' && first !== null ? { ...first, host } : first;
  return Reflect.apply(listen, this, [bound, ...rest]) as Server;
};

// A kept queue answers with the URL it was made under, and the SDK calls that URL: without this it calls the last port.
const database = dataDir === undefined ? undefined : join(dataDir, 'fauxqs.db');
if (database !== undefined && existsSync(database)) {
  const kept = new DatabaseSync(database);
  kept
    .prepare("UPDATE sqs_queues SET url = ? || substr(url, instr(substr(url, 8), '/') + 7)")
    .run(`http://127.0.0.1:${port}`);
  kept.close();
}

const server = await startFauxqs({ port, logger: false, ...(dataDir === undefined ? {} : { dataDir }) });

// A message given back by visibility 0 is written with no receive count, which the table refuses: it would be lost.
if (database !== undefined) {
  const kept = new DatabaseSync(database, { timeout: 5000 });
  kept.exec(`CREATE TRIGGER IF NOT EXISTS given_back BEFORE UPDATE ON sqs_messages
    WHEN NEW.approximate_receive_count IS NULL
    BEGIN
      UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = OLD.message_id;
      SELECT RAISE(IGNORE);
    END`);
  kept.close();
}

function stop(): void {
  void server.stop().finally(() => process.exit(0));
}

process.on('disconnect', stop);
process.on('SIGTERM', stop);
process.send?.('ready');
