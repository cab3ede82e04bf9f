import { createLogger } from '@onsale/platform/logger';
import { createPaymentProviderApp, type PaymentProviderSettings } from './payment-provider-app.ts';

const {
  host = '127.0.0.1',
  port,
  ...settings
} = JSON.parse(process.argv[2]!) as Omit<PaymentProviderSettings, 'logger'> & { host?: string; port: number };
const app = createPaymentProviderApp({ ...settings, logger: createLogger('payment-provider', 'warn') });
await app.listen({ host, port });
process.once('SIGTERM', () => void app.close().then(() => process.exit(0)));
process.once('disconnect', () => process.exit(0));
process.send?.('ready');
