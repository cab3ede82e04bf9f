import { fileURLToPath } from 'node:url';
import { type EngineExit, type EngineProcess, startEngineProcess } from '../engines/engine-process.ts';
import { freePort } from '../engines/free-port.ts';
import { localSecrets } from '../local-secrets.ts';
import type { PaymentBehaviour } from './payment-behaviour.ts';

export interface StartPaymentProviderOptions {
  readonly webhookUrl: string;
  /** Default: captures at once. */
  readonly behaviour?: PaymentBehaviour;
  /** How late a late capture is; default 2 s. */
  readonly lateMs?: number;
  /** Where the ledger is kept; in memory when absent. */
  readonly ledgerFile?: string | undefined;
  readonly onExit?: (exit: EngineExit) => void;
}

/** Starts the simulated payment provider as a process of its own, on a free port of loopback. */
export async function startPaymentProvider(
  options: StartPaymentProviderOptions,
): Promise<EngineProcess & { readonly url: string }> {
  const port = await freePort();
  const child = await startEngineProcess({
    engine: 'payment provider',
    port,
    command: process.execPath,
    args: [
      fileURLToPath(new URL('payment-provider-child.ts', import.meta.url)),
      JSON.stringify({
        port,
        webhookUrl: options.webhookUrl,
        webhookSecret: localSecrets.paymentWebhookSecret,
        key: localSecrets.paymentProviderKey,
        behaviour: options.behaviour ?? 'success',
        lateMs: options.lateMs ?? 2000,
        ledgerFile: options.ledgerFile,
      }),
    ],
    ready: 'message',
    stopSignal: 'SIGTERM',
    onExit: options.onExit,
  });
  return { ...child, url: `http://127.0.0.1:${port}` };
}
