import { appendFileSync, existsSync, readFileSync, readdirSync, unlinkSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import pg from 'pg';

// Preloaded into the services of a fault run, as crash-hook.ts?dir=…; nothing of theirs knows of it. It ends a process at one point
// between two stores: a store has done what it was asked to, its answer is here, and nothing has been made of it yet. Through
// files, as whoever plays faults is another process:
//   armed       points, one a line: the next process to get to one of them ends itself; it removes the file.
//               "confirm-api: *" are those of that service no process has ended at, also those nobody has come to before
//   seen, died  a point a line, as processes first come to it, and as they end there, with their id
const dir = new URL(import.meta.url).searchParams.get('dir')!;
const service = basename(dirname(process.argv[1] ?? ''));
const seen = new Set<string>();

function pass(store: string, what: string): void {
  const point = `${service}: ${store} ${what}`;
  if (!seen.has(point)) {
    seen.add(point);
    appendFileSync(`${dir}/seen`, `${point}\n`);
  }
  try {
    const armed = readFileSync(`${dir}/armed`, 'utf8').split('\n');
    if (!armed.includes(point) && !(armed.includes(`${service}: *`) && isNew(point))) return;
    // Of processes that come here together one finds the file.
    unlinkSync(`${dir}/armed`);
  } catch {
    return;
  }
  appendFileSync(`${dir}/died`, `${process.pid} ${point}\n`);
  process.kill(process.pid, 'SIGKILL');
}

function isNew(point: string): boolean {
  const died = existsSync(`${dir}/died`) ? readFileSync(`${dir}/died`, 'utf8') : '';
  return !died.includes(` ${point}\n`);
}

/** Called before whoever waits for the promise goes on. */
function onDone(promise: unknown, then: () => void): void {
  (promise as Promise<unknown>).then(then, () => undefined);
}

const services = fileURLToPath(new URL('../../', import.meta.url));
const textOf = (file: string) => readFileSync(`${services}${file}`, 'utf8');
// What section-script.ts puts in front of a section's scripts: they are called by the hash of all of it.
const shared = `${textOf('inventory/lua/section.lua')}\n`;
const prefixes = ['', shared, `${shared}${textOf('inventory/lua/section-parts.lua')}\n`];
const scripts = new Map(
  ['waiting-room', 'inventory', 'orders'].flatMap((domain) => {
    const files = readdirSync(`${services}${domain}`, { recursive: true, encoding: 'utf8' });
    return files
      .filter((file) => file.endsWith('.lua'))
      .flatMap((file) => {
        const text = textOf(`${domain}/${file}`);
        const hashOf = (before: string) =>
          createHash('sha1')
            .update(before + text)
            .digest('hex');
        return prefixes.map((before) => [hashOf(before), basename(file, '.lua')] as const);
      });
  }),
);
const sendCommand = Redis.prototype.sendCommand;
Redis.prototype.sendCommand = function (command, stream) {
  const { name, args } = command;
  if (name === 'evalsha') {
    const sha = String(args[0]);
    // A point all the same, where a mutation has changed its text.
    onDone(command.promise, () => pass('Redis', scripts.get(sha) ?? `script ${sha}`));
  }
  return sendCommand.call(this, command, stream);
};

const query = pg.Client.prototype.query as (...statement: unknown[]) => unknown;
pg.Client.prototype.query = function (this: pg.Client, ...statement: unknown[]) {
  const result = query.apply(this, statement);
  const [first] = statement as [string | { readonly name?: string; readonly text?: string } | undefined];
  const text = typeof first === 'string' ? first : (first?.text ?? '');
  const name = typeof first === 'object' ? first.name : undefined;
  const [writes] = /\b(insert into|update|delete from) \w+|^\s*commit/i.exec(text) ?? [];
  if (writes !== undefined && result instanceof Promise) {
    onDone(result, () => pass('PostgreSQL', name ?? writes.trim()));
  }
  return result;
} as typeof pg.Client.prototype.query;

const isRead = /Receive|^Get|^Describe|^Query/;
const passCall = (method: string, path: string, target: string | undefined) => {
  const [, operation] = target?.split('.') ?? [];
  if (operation !== undefined && !isRead.test(operation)) pass('AWS', operation);
  if (operation === undefined && method !== 'GET') pass('provider', path.replaceAll(/[^/]*\d[^/]*/g, '…'));
};
subscribe('http.client.response.finish', (message) => {
  const { request } = message as {
    request: { method: string; path: string; getHeader(name: string): unknown };
  };
  passCall(request.method, request.path, request.getHeader('x-amz-target') as string | undefined);
});
subscribe('undici:request:trailers', (message) => {
  const { request } = message as { request: { method: string; path: string; headers: string[] | string } };
  const headers = [request.headers].flat();
  const at = headers.findIndex((header) => header.toLowerCase() === 'x-amz-target');
  passCall(request.method, request.path, at === -1 ? undefined : headers[at + 1]);
});
