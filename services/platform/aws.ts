/** Where AWS is: a Region, or an emulator's endpoint. */
export interface AwsSettings {
  readonly region: string;
  /** An emulator's address; it is sent throw-away credentials. */
  readonly endpoint?: string | undefined;
  /** How long one attempt may take, milliseconds; there are three at most. */
  readonly requestTimeoutMs?: number;
}

/** Connections a client keeps to its service. */
export const maxAwsConnections = 64;
/** Of one attempt, where the settings say nothing. */
export const defaultRequestTimeoutMs = 2000;

/** What every AWS client of ours is made with: deadlines inside a request's own, and enough connections. */
export function awsClientSettings({
  region,
  endpoint,
  requestTimeoutMs = defaultRequestTimeoutMs,
}: AwsSettings) {
  const agent = { keepAlive: true, maxSockets: maxAwsConnections };
  return {
    region,
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: 1000,
      requestTimeout: requestTimeoutMs,
      // Without it a request that takes too long is only warned about.
      throwOnRequestTimeout: true,
      httpsAgent: agent,
      httpAgent: agent,
    },
    ...(endpoint ? { endpoint, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } } : {}),
  };
}
