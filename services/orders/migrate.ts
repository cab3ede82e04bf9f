import { runner } from 'node-pg-migrate';
import { fileURLToPath } from 'node:url';

const directory = fileURLToPath(new URL('./migrations', import.meta.url));

/**
 * Brings the database to the newest schema and returns the names of the migrations it ran: none when it was there already.
 * Replicas may call it at once: one migrates under an advisory lock, the others wait for it and find nothing to do.
 */
export async function migrate(
  postgresUrl: string,
  report: (line: string) => void = () => undefined,
): Promise<string[]> {
  const ran = await runner({
    databaseUrl: { connectionString: postgresUrl, application_name: 'onsale-migrate' },
    dir: directory,
    // The runner would take any file here for a migration.
    ignorePattern: '(?!.*\\.sql$).*',
    direction: 'up',
    migrationsTable: 'schema_migrations',
    advisoryLockMode: 'wait',
    logger: { info: () => undefined, warn: report, error: report },
  });
  for (const { name } of ran) report(`migrated ${name}`);
  return ran.map(({ name }) => name);
}
