/** A script of scripts/generate and the files it writes, by their paths from the root. */
export interface Generator {
  readonly script: string;
  readonly writes: readonly string[];
}

/** Every generator; `npm run generate` runs them in this order. */
export const generators: readonly Generator[] = [
  { script: 'openapi.ts', writes: ['openapi/ticketing.yaml'] },
  { script: 'crd.ts', writes: ['operators/ticket-event/api/crd.yaml'] },
  { script: 'env-docs.ts', writes: ['docs/configuration.md'] },
  { script: 'charts.ts', writes: ['charts'] },
  { script: 'chart-renders.ts', writes: ['cdk8s/golden'] },
  // After the charts: it carries the autoscalers' rules.
  { script: 'cloud-templates.ts', writes: ['cluster-cdk/golden'] },
];
