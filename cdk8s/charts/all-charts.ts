import type { HelmChart } from '../helm/helm-chart.ts';
import { bots } from './bots.ts';
import { confirmApi } from './confirm-api.ts';
import { confirmWorker } from './confirm-worker.ts';
import { publicApi } from './public-api.ts';
import { ticketEventOperator } from './ticket-event-operator.ts';

/** Every chart, in the order they are installed. */
export const allCharts: readonly HelmChart[] = [
  ticketEventOperator,
  publicApi,
  confirmApi,
  confirmWorker,
  bots,
];
