import { Type } from 'typebox';
import { processEnv, storesEnv } from './common.ts';

/** Settings of the Job that migrates the database. */
export const MigrateEnv = Type.Object(
  { LOG_LEVEL: processEnv.LOG_LEVEL, POSTGRES_URL: storesEnv.POSTGRES_URL },
  { $id: 'migrate' },
);

export type MigrateEnv = Type.Static<typeof MigrateEnv>;
