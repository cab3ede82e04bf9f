import t from 'tap';
import { asUnavailable } from './engine-errors.ts';
import { ApiError } from './http/api-error.ts';

const named = (name: string, message = '', more: object = {}) =>
  Object.assign(new Error(message), { name, ...more });
const coded = (code: string, more: object = {}) => Object.assign(new Error(code), { code, ...more });

t.test('Redis away, loading, read-only or without its cluster is cache_unavailable', async (t) => {
  const errors = [
    new Error('Connection is closed.'),
    new Error('Command timed out'),
    new Error("Stream isn't writeable and enableOfflineQueue options is false"),
    new Error("Cluster isn't ready and enableOfflineQueue options is false"),
    named('MaxRetriesPerRequestError', 'Reached the max retries per request limit (which is 0).'),
    named('ClusterAllFailedError', 'Failed to refresh slots cache.'),
    named('ReplyError', 'CLUSTERDOWN Hash slot not served'),
    named('ReplyError', 'LOADING Redis is loading the dataset in memory'),
    named('ReplyError', "READONLY You can't write against a read only replica."),
    named('ReplyError', "OOM command not allowed when used memory > 'maxmemory'."),
    named('ClusterAllFailedError', 'Failed', { cause: coded('ECONNREFUSED') }),
  ];
  for (const error of errors) {
    t.match(asUnavailable(error), { code: 'cache_unavailable', status: 503, cause: error }, error.message);
    t.ok(asUnavailable(error)!.retryAfterSec! >= 1);
  }
});

t.test('PostgreSQL away, shutting down, demoted, full or too slow is unavailable', async (t) => {
  const state = (code: string) => coded(code, { severity: 'ERROR' });
  const errors = [
    ...['08006', '57P01', '57P02', '57P03', '53300', '25006', '57014', '40P01', '55P03'].map(state),
    new Error('timeout exceeded when trying to connect'),
    new Error('Connection terminated unexpectedly'),
    new Error('Query read timeout'),
  ];
  for (const error of errors) t.match(asUnavailable(error), { code: 'unavailable' }, error.message);
});

t.test('AWS unreachable, throttling or failing is unavailable', async (t) => {
  const errors = [
    named('ProvisionedThroughputExceededException', '', { $fault: 'client' }),
    named('ThrottlingException'),
    named('RequestThrottled'),
    named('InternalServerError', '', { $fault: 'server' }),
    named('Unknown', '', { $metadata: { httpStatusCode: 502 } }),
    named('TimeoutError', 'socket timed out'),
    named('CredentialsProviderError', 'no credentials'),
  ];
  for (const error of errors) t.match(asUnavailable(error), { code: 'unavailable' }, error.name);
});

t.test('a refused connection is found as a cause and among several addresses', async (t) => {
  t.match(asUnavailable(coded('ECONNREFUSED')), { code: 'unavailable' });
  t.match(asUnavailable(new TypeError('fetch failed', { cause: coded('ECONNRESET') })), {
    code: 'unavailable',
  });
  t.match(asUnavailable(new AggregateError([coded('ECONNREFUSED')], 'all failed')), { code: 'unavailable' });
  t.match(asUnavailable(new Error('placing a hold', { cause: new Error('Connection is closed.') })), {
    code: 'cache_unavailable',
  });
});

t.test('bugs and refusals are not taken for an outage', async (t) => {
  const cyclic: Error & { cause?: unknown } = new Error('a');
  cyclic.cause = cyclic;
  const others = [
    new Error('x is not a function'),
    coded('23505', { severity: 'ERROR' }),
    coded('42601', { severity: 'ERROR' }),
    named('ReplyError', 'WRONGTYPE Operation against a key holding the wrong kind of value'),
    named('ReplyError', 'ERR user_script:1: LOADING'),
    named('ResourceNotFoundException', '', { $fault: 'client', $metadata: { httpStatusCode: 400 } }),
    new ApiError('sold_out', 'none left'),
    cyclic,
    'a string',
    undefined,
    null,
  ];
  for (const error of others) t.equal(asUnavailable(error), undefined, String(error));
});
