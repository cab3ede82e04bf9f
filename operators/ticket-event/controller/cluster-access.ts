import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** Where the API server is and how this process identifies itself. */
export interface ClusterAccess {
  readonly url: string;
  readonly ca: Buffer | undefined;
  /** A bearer token, asked for at each call: the kubelet replaces a pod's token while it is valid. */
  token(): Promise<string | undefined>;
  readonly clientCertificate: { readonly cert: Buffer; readonly key: Buffer } | undefined;
}

const accountDir = '/var/run/secrets/kubernetes.io/serviceaccount';
const tokenAgeMs = 60_000;

/** A token kept in a file, read again once a minute. */
function fileToken(path: string): () => Promise<string> {
  let read: { token: string; atMs: number } | undefined;
  return async () => {
    if (!read || performance.now() - read.atMs > tokenAgeMs) {
      read = { token: (await readFile(path, 'utf8')).trim(), atMs: performance.now() };
    }
    return read.token;
  };
}

/** Access of a pod by its service account. */
export async function podAccess(
  host: string,
  port: number,
  directory: string = accountDir,
): Promise<ClusterAccess> {
  return {
    url: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    ca: await readFile(join(directory, 'ca.crt')),
    token: fileToken(join(directory, 'token')),
    clientCertificate: undefined,
  };
}

interface Named {
  readonly name: string;
}
interface Kubeconfig {
  readonly 'current-context'?: string;
  readonly contexts?: readonly (Named & { context: { cluster: string; user: string } })[];
  readonly clusters?: readonly (Named & { cluster: Readonly<Record<string, string | undefined>> })[];
  readonly users?: readonly (Named & { user: Readonly<Record<string, unknown>> })[];
}

/** Access by the current context of a kubeconfig with a token or a client certificate; plugins are not run. */
export async function kubeconfigAccess(path: string): Promise<ClusterAccess> {
  // Only people's machines have a kubeconfig; in a pod the parser is not loaded.
  const { parse } = await import('yaml');
  const config = parse(await readFile(path, 'utf8')) as Kubeconfig;
  const named = <T extends Named>(kind: string, list: readonly T[] | undefined, name: string | undefined) => {
    const found = list?.find((one) => one.name === name);
    if (!found) throw new Error(`${path} has no ${kind} ${name ?? '(none is current)'}`);
    return found;
  };
  const { context } = named('context', config.contexts, config['current-context']);
  const { cluster } = named('cluster', config.clusters, context.cluster);
  const { user } = named('user', config.users, context.user);
  const bytes = async (from: Readonly<Record<string, unknown>>, key: string) => {
    const data = from[`${key}-data`];
    if (typeof data === 'string') return Buffer.from(data, 'base64');
    const file = from[key];
    return typeof file === 'string' ? await readFile(resolve(dirname(path), file)) : undefined;
  };
  if (!cluster['server']) throw new Error(`${path}: cluster ${context.cluster} has no server`);
  const [cert, key] = await Promise.all([bytes(user, 'client-certificate'), bytes(user, 'client-key')]);
  const { token, tokenFile } = user;
  if (token === undefined && tokenFile === undefined && !(cert && key)) {
    throw new Error(`${path}: user ${context.user} has neither a token nor a client certificate`);
  }
  return {
    url: cluster['server'].replace(/\/$/, ''),
    ca: await bytes(cluster, 'certificate-authority'),
    token:
      typeof tokenFile === 'string'
        ? fileToken(resolve(dirname(path), tokenFile))
        : async () => (typeof token === 'string' ? token : undefined),
    clientCertificate: cert && key ? { cert, key } : undefined,
  };
}
