// Writes docs/configuration.md: every process's settings, from the schemas that check them.
import { writeFileSync } from 'node:fs';
import { BotsEnv } from '@onsale/contracts/env/bots';
import { ConfirmApiEnv } from '@onsale/contracts/env/confirm-api';
import { ConfirmWorkerEnv } from '@onsale/contracts/env/confirm-worker';
import { MigrateEnv } from '@onsale/contracts/env/migrate';
import { PublicApiEnv } from '@onsale/contracts/env/public-api';
import type { Need } from '@onsale/contracts/env/setting';
import { TracingEnv } from '@onsale/contracts/env/tracing';
import { expectation, type SettingSchema } from '@onsale/platform/config-expectation';

interface EnvSchema {
  readonly properties: Record<string, unknown>;
  readonly required?: readonly string[];
  readonly needs?: readonly Need[];
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function table(schema: EnvSchema): string {
  const rows = Object.entries(schema.properties).map(([name, property]) => {
    const { description = '', secret, ...setting } = property as SettingSchema;
    const needed = schema.required?.includes(name) && setting.default === undefined;
    const fallback =
      setting.default === undefined
        ? needed
          ? '**required**'
          : 'none'
        : setting.default === ''
          ? 'empty'
          : `\`${setting.default as string | number | boolean}\``;
    return `| \`${name}\`${secret ? ' (secret)' : ''} | ${cell(expectation(setting))} | ${fallback} | ${cell(description)} |`;
  });
  const needs = (schema.needs ?? []).map(
    ({ when, oneOf }) =>
      `\nWhen \`${when.variable}\` is \`${when.is}\`, ${oneOf.map((name) => `\`${name}\``).join(' or ')} must be given.\n`,
  );
  return `| variable | should be | default | what it does |\n|---|---|---|---|\n${rows.join('\n')}\n${needs.join('')}`;
}

const document = `# Configuration

Generated from \`services/contracts/env\` by \`npm run generate\`. Settings are environment variables, read once at
start; an empty one counts as not given. A process with bad settings names all of them and exits. Values marked
(secret) belong into a Secret, and never appear in logs or errors.

AWS credentials come from the SDK's own chain: the pod's role in a cluster. With an emulator's endpoint none are needed.

## public-api

${table(PublicApiEnv)}
## confirm-api

${table(ConfirmApiEnv)}
## confirm-worker

${table(ConfirmWorkerEnv)}
## bots

Competitors in practice rounds, see [practice.md](practice.md).

${table(BotsEnv)}
## migrate

The Job that brings the database to the newest schema; charts run it before an installation and an upgrade.

${table(MigrateEnv)}
## Tracing, in every process

Read by \`@onsale/platform/tracing.ts\`, which a process preloads with \`node --import\`.

${table(TracingEnv)}`;

writeFileSync(new URL('../../docs/configuration.md', import.meta.url), document);
