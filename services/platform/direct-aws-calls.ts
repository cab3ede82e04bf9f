import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import { defaultRequestTimeoutMs } from './aws.ts';
import { postText } from './post-text.ts';
import { type AwsIdentity, createAwsSigner } from './sign-aws-call.ts';

/** The parts of an SDK client that a call of its service needs; every client with SigV4 has them. */
export interface SigningClient {
  readonly config: {
    readonly region: () => Promise<string>;
    readonly endpoint?: () => Promise<{
      readonly protocol: string;
      readonly hostname: string;
      readonly port?: number;
    }>;
    readonly endpointProvider: (parameters: { readonly Region: string }) => { readonly url: URL };
    /** Remembers them, and refreshes them before they expire. */
    readonly credentials: () => Promise<AwsIdentity>;
  };
}

export interface DirectAwsCallsOptions {
  /** As the service's `x-amz-target` begins, such as `DynamoDB_20120810`. */
  readonly target: string;
  /** The service's name in a signature. */
  readonly signingName: string;
  readonly requestTimeoutMs: number | undefined;
  readonly maxConnections: number;
}

/** As the SDK's `send` takes them. */
export interface CallOptions {
  readonly abortSignal?: AbortSignal;
  /** How long all attempts together may take, milliseconds. */
  readonly requestTimeout?: number;
}

/** Calls of an AWS service that speaks JSON, past the SDK's middleware. */
export interface DirectAwsCalls {
  /**
   * One attempt: the answer, or undefined when there was none or it was no success. Then the SDK's client is asked: it
   * knows errors, retries, clock skew and everything else.
   */
  call<Output>(operation: string, input: object, options: CallOptions): Promise<Output | undefined>;
  close(): Promise<void>;
}

/**
 * Signs with the client's own credentials, which it refreshes, and sends over a pool of connections.
 * The input must be JSON as the service takes it: no dates, no bytes.
 */
export function createDirectAwsCalls(
  { config }: SigningClient,
  { target, signingName, requestTimeoutMs = defaultRequestTimeoutMs, maxConnections }: DirectAwsCallsOptions,
): DirectAwsCalls {
  const connect = async () => {
    const region = await config.region();
    const custom = await config.endpoint?.();
    const url = custom
      ? new URL(`${custom.protocol}//${custom.hostname}:${custom.port ?? ''}`)
      : config.endpointProvider({ Region: region }).url;
    const sign = createAwsSigner({ region, signingName, host: url.host });
    // Each call has a deadline of its own.
    const pool = new Pool(url.origin, {
      connections: maxConnections,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: 1000 },
    });
    return { sign, pool };
  };
  let connection: ReturnType<typeof connect> | undefined;

  return {
    async call<Output>(operation: string, input: object, { abortSignal, requestTimeout }: CallOptions) {
      try {
        connection ??= connect();
        const { sign, pool } = await connection;
        const body = JSON.stringify(input);
        const identity = await config.credentials();
        const headers = sign({ target: `${target}.${operation}`, body, identity, date: new Date() });
        const { status, text } = await postText(pool, {
          path: '/',
          headers,
          body,
          timeoutMs: Math.min(requestTimeout ?? requestTimeoutMs, requestTimeoutMs),
          signal: abortSignal,
        });
        return status === 200 ? (JSON.parse(text) as Output) : undefined;
      } catch {
        return undefined;
      }
    },
    async close() {
      const { pool } = (await connection?.catch(() => undefined)) ?? {};
      await pool?.destroy();
    },
  };
}

/** The SDK's own first pause is this long at most, too. */
const pauseMs = 50;

interface Sending {
  send(command: { readonly input: object }, options?: CallOptions): Promise<unknown>;
  destroy(): void;
}

/**
 * Makes a client's `send` try these commands directly first, named by their class; the client itself does all the others,
 * and whatever was no success. Every command listed must bear being sent twice.
 */
export function sendDirectly<Client>(
  client: Client,
  direct: DirectAwsCalls,
  operations: ReadonlyMap<unknown, string>,
): Client {
  const sending = client as Sending;
  const send = sending.send.bind(client);
  const destroy = sending.destroy.bind(client);
  sending.send = async (command, options = {}) => {
    const operation = operations.get(command.constructor);
    if (operation === undefined) return await send(command, options);
    const beganAt = performance.now();
    const answer = await direct.call(operation, command.input, options);
    if (answer !== undefined) return answer;
    const { abortSignal, requestTimeout } = options;
    // Many may have been refused together: they must not come back together.
    if (!abortSignal?.aborted) await delay(Math.random() * pauseMs);
    if (requestTimeout === undefined) return await send(command, options);
    // The SDK's own `requestTimeout` is for each of its attempts.
    const leftMs = Math.max(0, requestTimeout - (performance.now() - beganAt));
    const late = AbortSignal.timeout(Math.ceil(leftMs));
    return await send(command, {
      abortSignal: abortSignal ? AbortSignal.any([abortSignal, late]) : late,
    });
  };
  sending.destroy = () => {
    void direct.close();
    destroy();
  };
  return client;
}
