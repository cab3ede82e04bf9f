/** What stands in for a cloud in a laptop's cluster: names of Services and ports, for the chart and for those that call them. */
export const localEngines = {
  postgres: { name: 'postgres', port: 5432 },
  valkey: { name: 'valkey', port: 6379 },
  dynamodb: { name: 'dynamodb', port: 8000 },
  sqs: { name: 'sqs', port: 9324 },
  payments: { name: 'payments', port: 8090 },
} as const;

/** Its user of PostgreSQL, who owns the database of the same name; a laptop's, like all of these. */
export const localDatabaseUser = 'onsale';

/** Its commit queue; the emulators know no other account. */
export const localQueue = 'onsale-commits';
const account = '000000000000';

const urlOf = (engine: keyof typeof localEngines, scheme = 'http') =>
  `${scheme}://${localEngines[engine].name}:${localEngines[engine].port}`;

/** The same as addresses. */
export const localAddresses = {
  postgresUrl: `postgres://${localDatabaseUser}:${localDatabaseUser}@postgres:${localEngines.postgres.port}/${localDatabaseUser}`,
  redisUrl: urlOf('valkey', 'redis'),
  dynamodbEndpoint: urlOf('dynamodb'),
  sqsEndpoint: urlOf('sqs'),
  commitQueueUrl: `${urlOf('sqs')}/${account}/${localQueue}.fifo`,
  commitDeadLetterUrl: `${urlOf('sqs')}/${account}/${localQueue}-dlq.fifo`,
  paymentProviderUrl: urlOf('payments'),
} as const;
