import { collectDefaultMetrics, Registry } from 'prom-client';

/** A process's metrics; each module declares its own on it, named `onsale_…` with bounded labels. */
export function createMetrics(service: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  return registry;
}
