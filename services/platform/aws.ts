/** Where AWS is: a Region, or an emulator's endpoint. */
export interface AwsSettings {
  readonly region: string;
  /** An emulator's address; it is sent throw-away credentials. */
  readonly endpoint?: string | undefined;
}

/** What every AWS client of ours is made with: deadlines well inside a request's own. */
export function awsClientSettings({ region, endpoint }: AwsSettings) {
  return {
    region,
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1000, requestTimeout: 25_000, httpsAgent: { maxSockets: 64 } },
    ...(endpoint ? { endpoint, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } } : {}),
  };
}
