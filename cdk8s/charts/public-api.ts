import { PublicApiEnv } from '@onsale/contracts/env/public-api';
import { apiChart } from './api-chart.ts';

/** What buyers reach before they pay: waiting room, seats, holds, the list of events. */
export const publicApi = apiChart({
  name: 'public-api',
  description: 'Waiting room, seats, holds and the list of events',
  env: PublicApiEnv,
  paths: ['/public', '/api/health', '/api/events', '/api/docs'],
  healthPath: '/public/health',
});
