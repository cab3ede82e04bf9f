import { METHODS } from 'node:http';
import httpProxy from '@fastify/http-proxy';
import { answerClientError } from '@onsale/platform/http/answer-client-error';
import { sendError } from '@onsale/platform/http/send-error';
import { fastify, type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import { registerPage } from './page/register-page.ts';

/** The three services' route table, as the load balancer's listener rules have it. First match wins. */
const serviceRules = [
  { prefix: '/public', service: 'public-api' },
  { prefix: '/api/reservations', service: 'confirm-api' },
  { prefix: '/api', service: 'public-api' },
  { prefix: '/confirm', service: 'confirm-api' },
] as const;

const rules = [
  ...serviceRules.map((rule) => ({ ...rule, rewritePrefix: rule.prefix })),
  // The page's buyers pay at the simulated provider's own address; a browser reaches only this one.
  { prefix: '/local/payment-provider', service: 'payment-provider', rewritePrefix: '' },
] as const;

/** Several times what the services take, so that what they refuse is mostly theirs to refuse. */
const largestBodyBytes = 262_144;

export type RoutedService = (typeof rules)[number]['service'];

export interface Router {
  /** The one address buyers use. */
  readonly url: string;
  /** Sends new requests to these addresses only, in turn; requests already on their way finish where they are. */
  setTargets(service: RoutedService, addresses: readonly string[]): void;
  close(): Promise<void>;
}

/**
 * Stands in for the load balancer and for the page's bucket: one address, path rules, several targets a service. Rejects
 * when the port is taken.
 */
export async function startRouter(port: number, pageDir: string): Promise<Router> {
  const targets = new Map<RoutedService, { addresses: readonly string[]; next: number }>();
  const app: FastifyInstance = fastify({
    logger: false,
    bodyLimit: 1_048_576,
    keepAliveTimeout: 75_000,
    forceCloseConnections: true,
    return503OnClosing: false,
    exposeHeadRoutes: false,
    // Room for whatever the services themselves want to refuse.
    http: { maxHeaderSize: 65_536 },
    frameworkErrors: (error, _request, reply) => {
      sendError(reply, 'bad_request', error.message);
    },
    clientErrorHandler: answerClientError,
  });
  // Whatever the method, the service says what the path takes. Fastify wants QUERY to name its content type.
  const methods = METHODS.filter((method) => method !== 'CONNECT');
  for (const method of methods) {
    if (!app.supportedMethods.includes(method)) app.addHttpMethod(method, { hasBody: true });
  }
  app.addHook('onRequest', async ({ method, headers }) => {
    if (method === 'QUERY') headers['content-type'] ??= 'application/octet-stream';
  });
  // A service answers 413 and hangs up while a large body is still on its way; passing that on is a race with the upload.
  app.addHook('onRequest', async (request, reply) => {
    if (Number(request.headers['content-length'] ?? 0) <= largestBodyBytes) return;
    void reply.header('connection', 'close');
    return sendError(reply, 'payload_too_large', 'The body is too large');
  });
  const pick = (service: RoutedService): string => {
    const group = targets.get(service);
    if (!group || group.addresses.length === 0) throw new NoTargetError(service);
    group.next = (group.next + 1) % group.addresses.length;
    return group.addresses[group.next]!;
  };
  // Before the proxies: they take the handler that is there when they are registered.
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    if (error instanceof NoTargetError) return sendError(reply, 'unavailable', error.message);
    if (error.statusCode === 415) {
      return sendError(reply, 'unsupported_media_type', 'Send the body as application/json');
    }
    if (error.statusCode === 413) return sendError(reply, 'payload_too_large', 'The body is too large');
    const isCallers = error.statusCode !== undefined && error.statusCode < 500;
    return sendError(reply, isCallers ? 'bad_request' : 'unavailable', error.message);
  });
  for (const { prefix, service, rewritePrefix } of rules) {
    await app.register(httpProxy, {
      prefix,
      rewritePrefix,
      httpMethods: methods,
      upstream: '',
      undici: { connections: 256, pipelining: 1, keepAliveTimeout: 60_000, bodyTimeout: 30_000 },
      replyOptions: {
        getUpstream: () => pick(service),
        onError: (reply, { error }) => {
          // What is left of the request's body is not read: the connection cannot be used again.
          void reply.header('connection', 'close');
          sendError(reply as FastifyReply, 'unavailable', `${service} did not answer: ${error.message}`);
        },
      },
    });
  }
  registerPage(app, pageDir);
  app.setNotFoundHandler((_request, reply) => sendError(reply, 'not_found', 'There is no such endpoint'));
  await app.listen({ host: '127.0.0.1', port }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    throw new Error(`Port ${port} is taken by another program: choose another with --port`, { cause: error });
  });
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('the router has no TCP address');
  return {
    url: `http://127.0.0.1:${address.port}`,
    setTargets(service, addresses) {
      targets.set(service, { addresses: [...addresses], next: 0 });
    },
    close: () => app.close(),
  };
}

class NoTargetError extends Error {
  constructor(service: RoutedService) {
    super(`No ${service} is ready; try again`);
  }
}
