import { Cluster, Redis, type ClusterOptions, type RedisOptions } from 'ioredis';
import type { Logger } from 'pino';

/** One server or a cluster; every key carries a hash tag, so the same code serves both. */
export type RedisClient = Redis | Cluster;

export interface RedisSettings {
  /** `redis://` or `rediss://` addresses, which may hold user and password; of a cluster any of its nodes, comma-separated. */
  readonly url: string;
  readonly cluster: boolean;
  readonly password?: string | undefined;
}

/** A command that has not been answered by then fails, so that a request is never left hanging behind a dead server. */
const commandTimeoutMs = 2000;

/**
 * A server that has been silent for this long is taken for gone and dialled anew: one that vanished without closing its
 * connections would otherwise be waited for until TCP gives up, a quarter of an hour.
 */
const silenceMs = 3000;

const slotsEveryMs = 5000;

/**
 * Connects. Commands fail fast while the server is away (no offline queue beyond the first connect) and work again once
 * it is back; reconnecting never gives up.
 */
export function createRedis({ url, cluster, password }: RedisSettings, logger: Logger): RedisClient {
  const nodes = url.split(',').map((node) => new URL(node.trim()));
  const first = nodes[0]!;
  const isTls = first.protocol === 'rediss:';
  const secret = password ?? (first.password ? decodeURIComponent(first.password) : undefined);
  const redisOptions: RedisOptions = {
    ...(secret ? { password: secret } : {}),
    ...(first.username ? { username: decodeURIComponent(first.username) } : {}),
    ...(isTls ? { tls: {} } : {}),
    commandTimeout: commandTimeoutMs,
    socketTimeout: silenceMs,
    connectTimeout: 2000,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    retryStrategy: (attempt) => Math.min(attempt * 50, 1000),
    // A primary that was demoted: the name leads to the new one, the open connection does not.
    reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 1 : false),
  };
  let client: RedisClient;
  if (cluster) {
    const clusterOptions: ClusterOptions = {
      redisOptions,
      enableOfflineQueue: false,
      clusterRetryStrategy: (attempt) => Math.min(attempt * 50, 1000),
      slotsRefreshTimeout: 2000,
      // A command to a node that is gone is tried again so often, 0.1 s apart: long enough for a redirection to the new
      // owner of its slot, short enough to fail within a command's time.
      maxRedirections: 8,
      // Certificates name hosts, so hosts must not be turned into addresses before they are dialled.
      ...(isTls ? { dnsLookup: (address, callback) => callback(null, address) } : {}),
    };
    const dialled = new Cluster(
      nodes.map((node) => ({ host: node.hostname, port: Number(node.port || 6379) })),
      clusterOptions,
    );
    // ioredis' own interval begins anew behind a refresh that was under way at disconnect, and the process never ends.
    const following = setInterval(() => dialled.refreshSlotsCache(() => undefined), slotsEveryMs).unref();
    dialled.once('end', () => clearInterval(following));
    client = dialled;
  } else {
    client = new Redis({ host: first.hostname, port: Number(first.port || 6379), ...redisOptions });
  }
  if (client instanceof Cluster) client.on('+node', gatherWrites);
  else gatherWrites(client);
  let lastMessage = '';
  client.on('error', (error: Error) => {
    // One line per change of trouble, not one per reconnect attempt.
    if (error.message !== lastMessage)
      logger.warn({ event: 'redis_error', err: error }, 'Redis connection error');
    lastMessage = error.message;
  });
  client.on('ready', () => {
    lastMessage = '';
    logger.info({ event: 'redis_ready' }, 'Redis connected');
  });
  return client;
}

/**
 * Sends the commands of one turn of the event loop in one write: a system call costs more than the command it carries.
 * The replies come together then, too. Unlike ioredis' own pipelining it makes nothing of the commands but one write. Their
 * text is joined here: a corked stream keeps an entry for each and hands all of them down one by one.
 */
function gatherWrites(node: Redis): void {
  node.on('connect', () => {
    const { stream } = node;
    const write = stream.write.bind(stream);
    let text = '';
    const flush = () => {
      if (text === '') return;
      const gathered = text;
      text = '';
      // Closed in the same turn: ioredis fails what was not answered.
      if (stream.writable) write(gathered);
    };
    // ioredis writes commands as text, those with bytes among their arguments as bytes, and asks nothing about either.
    stream.write = (command: string | Uint8Array) => {
      if (typeof command === 'string') {
        if (text === '') setImmediate(flush);
        text += command;
        return true;
      }
      flush();
      return write(command);
    };
  });
}

/** Resolves once commands are served; rejects after the deadline. */
export async function redisReady(client: RedisClient, deadlineMs: number): Promise<void> {
  if (client.status === 'ready') return;
  await new Promise<void>((resolve, reject) => {
    const onReady = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(() => {
      client.off('ready', onReady);
      reject(new Error(`Redis was not ready within ${deadlineMs} ms`));
    }, deadlineMs);
    client.once('ready', onReady);
  });
}
