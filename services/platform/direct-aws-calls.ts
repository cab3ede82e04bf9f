import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import { defaultRequestTimeoutMs } from './aws.ts';
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

/** Calls of an AWS service that speaks JSON, past the SDK's middleware. */
export interface DirectAwsCalls {
  /**
   * One attempt: the answer, or undefined when there was none or it was no success. Then the SDK's client is asked: it
   * knows errors, retries, clock skew and everything else.
   */
  call<Output>(operation: string, input: object, signal?: AbortSignal): Promise<Output | undefined>;
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
    const pool = new Pool(url.origin, {
      connections: maxConnections,
      headersTimeout: requestTimeoutMs,
      bodyTimeout: requestTimeoutMs,
      connect: { timeout: 1000 },
    });
    return { sign, pool };
  };
  let connection: ReturnType<typeof connect> | undefined;

  return {
    async call<Output>(operation: string, input: object, signal?: AbortSignal) {
      try {
        connection ??= connect();
        const { sign, pool } = await connection;
        const body = JSON.stringify(input);
        const identity = await config.credentials();
        const headers = sign({ target: `${target}.${operation}`, body, identity, date: new Date() });
        const answer = await pool.request({
          method: 'POST',
          path: '/',
          headers,
          body,
          ...(signal ? { signal } : {}),
        });
        if (answer.statusCode !== 200) {
          await answer.body.dump();
          return undefined;
        }
        return (await answer.body.json()) as Output;
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
  send(
    command: { readonly input: object },
    options?: { readonly abortSignal?: AbortSignal },
  ): Promise<unknown>;
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
  sending.send = async (command, options) => {
    const operation = operations.get(command.constructor);
    if (operation !== undefined) {
      const answer = await direct.call(operation, command.input, options?.abortSignal);
      if (answer !== undefined) return answer;
      // Many may have been refused together: they must not come back together.
      if (!options?.abortSignal?.aborted) await delay(Math.random() * pauseMs);
    }
    return await send(command, options);
  };
  sending.destroy = () => {
    void direct.close();
    destroy();
  };
  return client;
}
