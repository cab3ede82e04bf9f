import { hostname } from 'node:os';
import { loadConfig } from '@onsale/platform/config';
import { createLogger } from '@onsale/platform/logger';
import { createMetrics } from '@onsale/platform/metrics';
import closeWithGrace from 'close-with-grace';
import { kubeconfigAccess, podAccess } from './controller/cluster-access.ts';
import { createClusterClient } from './controller/cluster-client.ts';
import { createPublisher } from './controller/publication.ts';
import { runOperator } from './controller/run-operator.ts';
import { startHealthServer } from './health-server.ts';
import { OperatorEnv } from './operator-env.ts';

const env = loadConfig(OperatorEnv);
const logger = createLogger('ticket-event-operator', env.LOG_LEVEL);
const registry = createMetrics('ticket-event-operator');
const access = env.KUBECONFIG
  ? await kubeconfigAccess(env.KUBECONFIG)
  : await podAccess(env.KUBERNETES_SERVICE_HOST, env.KUBERNETES_SERVICE_PORT);
const aws = env.AWS_LEVERS ? await import('./levers/create-levers.ts') : undefined;

const operator = runOperator({
  client: createClusterClient(access),
  identity: `${env.POD_NAME ?? hostname()}_${process.pid}`,
  namespace: env.POD_NAMESPACE,
  region: env.AWS_REGION,
  publish:
    env.ADMIN_URL && env.ADMIN_TOKEN
      ? createPublisher({ url: env.ADMIN_URL, token: env.ADMIN_TOKEN })
      : undefined,
  levers: (memory) => aws?.createLevers(env.AWS_REGION, memory) ?? {},
  accountPreflight: aws?.createAccountPreflight(env.AWS_REGION, env.SUBNET_IDS),
  registry,
  logger,
  relistMs: env.RELIST_MS,
  stuckAfterMs: env.STUCK_POD_MS,
  lease: {
    leaseMs: env.LEASE_MS,
    renewDeadlineMs: (env.LEASE_MS * 2) / 3,
    retryMs: (env.LEASE_MS * 2) / 15,
  },
});
let ready = false;
void operator.ready.then(() => {
  ready = true;
  logger.info({ event: 'ready' });
});
const server = await startHealthServer({
  host: env.HOST,
  port: env.INTERNAL_PORT,
  registry,
  isReady: () => ready,
});

closeWithGrace({ delay: 15_000, logger }, async ({ signal, err }) => {
  if (err) logger.error({ event: 'failed', err });
  logger.info({ event: 'stopping', signal });
  ready = false;
  await operator.stop();
  server.close();
});
