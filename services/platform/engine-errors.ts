import { ApiError } from './http/api-error.ts';

type Engine = 'redis' | 'postgres' | 'aws' | 'network';

/**
 * Recognises the error of an engine that is away, failing over, overloaded or too slow, also as the cause of another
 * error: a 503 with Retry-After. Undefined for everything else, such as a broken statement or a bug.
 */
export function asUnavailable(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return undefined;
  const engine = failingEngine(error, 0);
  if (engine === undefined) return undefined;
  return engine === 'redis'
    ? new ApiError('cache_unavailable', 'The seat store is not reachable just now; try again', {
        cause: error,
      })
    : new ApiError('unavailable', 'A part of the service is not reachable just now; try again', {
        cause: error,
      });
}

/** Causes nest a few levels at most; the limit guards against a cycle. */
const maxDepth = 8;

interface ErrorFields {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  readonly severity?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $fault?: unknown;
}

function failingEngine(error: unknown, depth: number): Engine | undefined {
  if (typeof error !== 'object' || error === null || depth > maxDepth) return undefined;
  const fields = error as ErrorFields;
  const found =
    awsFailure(fields) ?? redisFailure(fields) ?? postgresFailure(fields) ?? networkFailure(fields);
  if (found !== undefined && found !== 'network') return found;
  // A cause says more than the socket's error around it.
  const inner = [fields.cause, ...(Array.isArray(fields.errors) ? (fields.errors as unknown[]) : [])];
  for (const one of inner) {
    const innerFound = failingEngine(one, depth + 1);
    if (innerFound !== undefined) return innerFound;
  }
  return found;
}

/** Replies of a server that is starting, failing over, read-only or out of memory. */
const redisReplies =
  /^(CLUSTERDOWN|LOADING|READONLY|MASTERDOWN|TRYAGAIN|NOREPLICAS|MISCONF|OOM|BUSY|UNKILLABLE|NOTREADY)\b/;

const redisMessages = new Set([
  'Connection is closed.',
  'Command timed out',
  "Stream isn't writeable and enableOfflineQueue options is false",
  "Cluster isn't ready and enableOfflineQueue options is false",
  'None of startup nodes is available',
  'Cluster is disconnected.',
  'Cluster is disconnecting.',
  'Node is disconnected',
  'Failed to refresh slots cache.',
]);

function redisFailure({ name, message }: ErrorFields): Engine | undefined {
  if (name === 'MaxRetriesPerRequestError' || name === 'ClusterAllFailedError') return 'redis';
  if (typeof message !== 'string') return undefined;
  const unreachable =
    redisMessages.has(message) ||
    message.startsWith('Too many Cluster redirections') ||
    (name === 'ReplyError' && redisReplies.test(message));
  return unreachable ? 'redis' : undefined;
}

/**
 * SQLSTATEs (PostgreSQL manual, appendix A): 08 connection, 53 out of resources, 57P shutting down or starting, 58
 * system error, 40 serialization and deadlock, 57014 cut by the statement timeout, 55P03 lock not available, 25006
 * a demoted writer.
 */
const postgresStates = /^(08...|53...|57P..|58...|40...|57014|55P03|25006)$/;

const postgresMessages = new Set([
  'timeout exceeded when trying to connect',
  'timeout expired',
  'Connection terminated',
  'Connection terminated unexpectedly',
  'Connection terminated due to connection timeout',
  'Query read timeout',
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
  'Cannot use a pool after calling end on the pool',
]);

function postgresFailure({ code, severity, message }: ErrorFields): Engine | undefined {
  if (typeof severity === 'string' && typeof code === 'string') {
    return postgresStates.test(code) ? 'postgres' : undefined;
  }
  return typeof message === 'string' && postgresMessages.has(message) ? 'postgres' : undefined;
}

/** Throttles and outages by name; names are what the SDK's own retry strategy goes by too. */
const awsNames =
  /^(Throttl(ing|ed)(Exception)?|RequestThrottled(Exception)?|RequestLimitExceeded|ProvisionedThroughputExceededException|TooManyRequestsException|LimitExceededException|SlowDown|InternalServerError|InternalFailure|ServiceUnavailable(Exception)?|RequestTimeout(Exception)?|CredentialsProviderError|KmsThrottled)$/;

function awsFailure({ name, $metadata, $fault }: ErrorFields): Engine | undefined {
  if (typeof name === 'string' && awsNames.test(name)) return 'aws';
  if ($fault === 'server') return 'aws';
  return ($metadata?.httpStatusCode ?? 0) >= 500 ? 'aws' : undefined;
}

const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ERR_SOCKET_CONNECTION_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_SOCKET',
]);

function networkFailure({ code, name }: ErrorFields): Engine | undefined {
  if (typeof code === 'string' && networkCodes.has(code)) return 'network';
  return name === 'TimeoutError' ? 'network' : undefined;
}
