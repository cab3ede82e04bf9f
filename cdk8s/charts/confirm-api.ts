import { ConfirmApiEnv } from '@onsale/contracts/env/confirm-api';
import { apiChart } from './api-chart.ts';

/** Payments, commits, their status, and reservations. */
export const confirmApi = apiChart({
  name: 'confirm-api',
  description: 'Payment intents, callbacks, commits and reservations',
  env: ConfirmApiEnv,
  paths: ['/confirm', '/api/reservations'],
  healthPath: '/confirm/health',
});
