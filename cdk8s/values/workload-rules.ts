import { type ChartSetting, inlineOnly, siteSettings } from './settings.ts';

/** How large a Fargate pod is: requests are what is left of a size after the 256 MB Fargate keeps. */
const fargateSizes = [
  ['250m', [256, 768, 1792]],
  ['500m', [768, 1792, 2816, 3840]],
  ['1', [1792, 2816, 3840, 4864, 5888, 6912, 7936]],
  ['2', [3840, 4864, 5888, 6912, 7936, 8960, 9984, 11008, 12032, 13056, 14080, 15104, 16128]],
] as const;

/** Requests and limits are one pair of values, so they cannot differ; the pair is a Fargate size. */
const resourceRule = {
  properties: {
    resources: {
      anyOf: fargateSizes.map(([cpu, memory]) => ({
        properties: { cpu: { const: cpu }, memoryMi: { enum: [...memory] } },
      })),
    },
  },
};

/** Secrets in values, and security of a laptop, are refused in production. */
const productionRule = {
  if: { properties: { environment: { const: 'production' } } },
  then: { properties: { secrets: { properties: { from: { enum: ['external', 'existing'] } } } } },
};

/** Pods that may be written to belong on laptops. */
const liveSyncRule = {
  if: { properties: { environment: { enum: ['staging', 'production'] } } },
  then: { properties: { liveSync: { const: false } } },
};

const from = (kind: string) => ({ properties: { secrets: { properties: { from: { const: kind } } } } });

/** Rules over several values: what a workload's settings need is given, by whichever way settings come. */
export function workloadRules(settings: readonly ChartSetting[]): object[] {
  const secrets = settings.filter((setting) => setting.from === 'secret');
  const required = settings.filter((setting) => setting.required);
  const site = required.filter((setting) => setting.from === 'site');
  const keys = secrets.filter(({ variable }) => !inlineOnly.includes(variable));
  const given = { minLength: 1 };
  const usesDatabase = secrets.some(({ variable }) => variable === 'POSTGRES_URL');
  return [
    resourceRule,
    productionRule,
    liveSyncRule,
    {
      properties: {
        site: {
          properties: Object.fromEntries(
            site.map(({ variable, schema }) => [
              siteSettings[variable as keyof typeof siteSettings],
              { ...given, ...(schema.pattern ? { pattern: schema.pattern } : {}) },
            ]),
          ),
        },
      },
    },
    {
      if: from('external'),
      then: {
        properties: {
          site: {
            properties: {
              secretStore: given,
              ...(usesDatabase ? { database: { properties: { host: given } } } : {}),
              secretKeys: {
                properties: Object.fromEntries(
                  keys.map(({ variable }) => [variable === 'POSTGRES_URL' ? 'database' : variable, given]),
                ),
              },
            },
          },
        },
      },
    },
    {
      if: {
        properties: {
          ...from('external').properties,
          migration: { properties: { enabled: { const: true } } },
        },
        required: ['migration'],
      },
      then: {
        properties: { site: { properties: { secretKeys: { properties: { databaseOwner: given } } } } },
      },
    },
    {
      if: from('inline'),
      then: {
        properties: {
          secrets: {
            properties: {
              inline: {
                required: required
                  .filter((setting) => setting.from === 'secret')
                  .map(({ variable }) => variable),
                propertyNames: { enum: secrets.map(({ variable }) => variable) },
              },
            },
          },
        },
      },
    },
  ];
}
