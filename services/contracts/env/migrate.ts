import { Type } from 'typebox';
import { processEnv, storesEnv } from './common.ts';

/** Settings of the Job that migrates the database. */
export const MigrateEnv = Type.Object(
  {
    LOG_LEVEL: processEnv.LOG_LEVEL,
    POSTGRES_URL: storesEnv.POSTGRES_URL,
    SERVICE_POSTGRES_URL: Type.Optional({
      ...storesEnv.POSTGRES_URL,
      description:
        'Address the services connect with, when its user is another: it is made if it is not there, and may read and write',
    }),
  },
  { $id: 'migrate' },
);

export type MigrateEnv = Type.Static<typeof MigrateEnv>;
