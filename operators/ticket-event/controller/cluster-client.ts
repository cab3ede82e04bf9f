import { Agent, type IncomingMessage, request } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import type { ClusterAccess } from './cluster-access.ts';

/** What the API server answered instead of doing as asked. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
  /** HTTP status; of a watch also the code of its error event. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** How a PATCH is meant. */
export const patchTypes = {
  apply: 'application/apply-patch+yaml',
  merge: 'application/merge-patch+json',
} as const;

export interface ClusterCall {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: object;
  /** Of a PATCH. */
  readonly patch?: keyof typeof patchTypes;
}

/** One event of a watch. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: object;
}

/** The API server, spoken to in JSON. */
export interface ClusterClient {
  /** Resolves to the answer's object; rejects with {@link ClusterError} when it is refused. */
  call<T>(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, call?: ClusterCall): Promise<T>;
  /** Resolves when the server ends the stream in order; rejects when it breaks off and when `signal` says so. */
  watch(
    path: string,
    query: ClusterCall['query'],
    onEvent: (event: WatchEvent) => void,
    signal: AbortSignal,
  ): Promise<void>;
  close(): void;
}

const callTimeoutMs = 30_000;

/**
 * A client of a few verbs on node:https. `@kubernetes/client-node` gives the types, but not the calls: its configuration
 * loads every API and model there is, 870 files of 16 MiB, and undici, which cost this process 90 MiB of its 200.
 */
export function createClusterClient(access: ClusterAccess): ClusterClient {
  const secure = access.url.startsWith('https:');
  // More at once than the queue reconciles, so that neither a watch nor the lease waits for a socket. The server closes
  // what is idle for 90 s: a socket given up before that is never found closed when a call takes it.
  const sockets = { keepAlive: true, maxSockets: 64, scheduling: 'lifo', timeout: 60_000 } as const;
  const agent = secure
    ? new SecureAgent({ ...sockets, ca: access.ca, ...access.clientCertificate })
    : new Agent(sockets);
  const send = secure ? secureRequest : request;

  async function open(
    method: string,
    path: string,
    { query = {}, body, patch }: ClusterCall,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const url = new URL(access.url + path);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const token = await access.token();
    const text = body === undefined ? undefined : JSON.stringify(body);
    const answer = Promise.withResolvers<IncomingMessage>();
    const outgoing = send(
      url,
      {
        method,
        agent,
        signal,
        headers: {
          accept: 'application/json',
          'user-agent': 'onsale-ticket-event-operator',
          ...(token ? { authorization: `Bearer ${token}` } : {}),
          ...(text === undefined
            ? {}
            : {
                'content-type': patch ? patchTypes[patch] : 'application/json',
                'content-length': Buffer.byteLength(text),
              }),
        },
      },
      answer.resolve,
    );
    outgoing.on('error', answer.reject);
    outgoing.end(text);
    const response = await answer.promise;
    const status = response.statusCode ?? 0;
    if (status < 300) return response;
    const said = await textOf(response);
    throw new ClusterError(status, messageOf(said) ?? `${method} ${path} was answered ${status}`);
  }

  return {
    async call<T>(method: string, path: string, call: ClusterCall = {}) {
      const response = await open(method, path, call, AbortSignal.timeout(callTimeoutMs));
      return JSON.parse(await textOf(response)) as T;
    },
    async watch(path, query, onEvent, signal) {
      const response = await open('GET', path, { query: { ...query, watch: true } }, signal);
      response.setEncoding('utf8');
      let begun = '';
      // Not node:readline: it waits for ever when a stream ends by an error.
      for await (const chunk of response) {
        const lines = (begun + (chunk as string)).split('\n');
        begun = lines.pop() ?? '';
        for (const line of lines) onEvent(watchEvent(line));
      }
    },
    close: () => agent.destroy(),
  };
}

/** One line of a watch; an error event is thrown. */
function watchEvent(line: string): WatchEvent {
  const { type, object } = JSON.parse(line) as Omit<WatchEvent, 'type'> & {
    type: WatchEvent['type'] | 'ERROR';
  };
  if (type !== 'ERROR') return { type, object };
  const { code = 500, message = 'The watch failed' } = object as { code?: number; message?: string };
  throw new ClusterError(code, message);
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** The message of a Status object. */
function messageOf(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { message?: string }).message;
  } catch {
    return undefined;
  }
}
