import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';

/** Credentials as an SDK client's provider gives them; it refreshes them before they expire. */
export interface AwsIdentity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export interface AwsCall {
  /** The `x-amz-target` header. */
  readonly target: string;
  readonly body: string;
  readonly identity: AwsIdentity;
  readonly date: Date;
}

export interface AwsSignerOptions {
  readonly region: string;
  /** The service's name in a signature. */
  readonly signingName: string;
  /** As the Host header says it. */
  readonly host: string;
}

const contentType = 'application/x-amz-json-1.0';

/**
 * Makes a function that signs (SigV4) the one form of call the hot path makes: a POST of JSON to `/`. It returns all headers.
 * The key of a day is derived once, so a call costs two hashes and one HMAC. What that saves beside the SDK's signer, which
 * takes any request, is in ADR 31.
 */
export function createAwsSigner({ region, signingName, host }: AwsSignerOptions) {
  let derived: { from: string; day: string; key: KeyObject } | undefined;

  const keyOf = (secret: string, day: string): KeyObject => {
    if (derived?.from !== secret || derived.day !== day) {
      const parts = [day, region, signingName, 'aws4_request'];
      const key = parts.reduce<Buffer>((before, part) => hmac(before, part), Buffer.from(`AWS4${secret}`));
      // Given the bytes, Node makes a key object of them at every signature: 17 µs, where this one takes 2.
      derived = { from: secret, day, key: createSecretKey(key) };
    }
    return derived.key;
  };

  return ({ target, body, identity, date }: AwsCall): Record<string, string> => {
    const { accessKeyId, secretAccessKey, sessionToken } = identity;
    const time = date.toISOString().replace(/[-:]|\.\d{3}/g, '');
    const day = time.slice(0, 8);
    const bodyHash = sha256(body);
    // In the order of their names, as they are signed.
    const headers: Record<string, string> = {
      'content-type': contentType,
      host,
      'x-amz-content-sha256': bodyHash,
      'x-amz-date': time,
      ...(sessionToken ? { 'x-amz-security-token': sessionToken } : {}),
      'x-amz-target': target,
    };
    const names = Object.keys(headers).join(';');
    let lines = '';
    for (const name in headers) lines += `${name}:${headers[name]}\n`;
    const request = sha256(`POST\n/\n\n${lines}\n${names}\n${bodyHash}`);
    const scope = `${day}/${region}/${signingName}/aws4_request`;
    const toSign = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${request}`;
    const signature = hmac(keyOf(secretAccessKey, day), toSign).toString('hex');
    headers['authorization'] =
      `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
    return headers;
  };
}

function sha256(text: string): string {
  return hash('sha256', text);
}

function hmac(key: Buffer | KeyObject, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
