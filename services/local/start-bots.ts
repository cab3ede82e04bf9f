import type { BotsEnv } from '@onsale/contracts/env/bots';
import type { EngineExit } from './engines/engine-process.ts';
import { localSecrets } from './local-secrets.ts';
import type { LocalStack } from './local-stack.ts';
import { type ServiceProcess, startService } from './service-process.ts';

export interface LocalBotsOptions {
  readonly stack: Pick<LocalStack, 'url'>;
  /** Bots in each practice round. */
  readonly count: number;
  readonly logDir: string;
  /** Settings laid over the local ones. */
  readonly environment?: Readonly<Partial<Record<keyof BotsEnv, string>>>;
  readonly onExit: (exit: EngineExit) => void;
}

/** Starts the bots as a process of their own, switched on; they buy at the one address, as everybody does. */
export async function startBots(
  options: LocalBotsOptions,
): Promise<Pick<ServiceProcess, 'internalUrl' | 'stop'>> {
  const { stack, count, logDir, onExit } = options;
  return startService({
    name: 'bots',
    logDir,
    onExit,
    environment: {
      API_BASE: stack.url,
      PAYMENT_SIMULATOR_URL: `${stack.url}/local/payment-provider`,
      ADMIN_TOKEN: localSecrets.adminToken,
      BOTS_ENABLED: 'true',
      BOTS_COUNT: String(count),
      ...options.environment,
    },
  });
}
