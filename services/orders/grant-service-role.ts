import pg from 'pg';

/** Any number will do, so long as it is always this one. */
const lockKey = 7_200_604_015;

/**
 * Lets the services' user read and write what the migrations made, and change no table's shape. A user that is not there is
 * made with the password of its address; one that is there keeps its own, for a rotation may have changed it since.
 * Resolves with whether it was made.
 */
export async function grantServiceRole(ownerUrl: string, serviceUrl: string): Promise<boolean> {
  const { username, password } = new URL(serviceUrl);
  // Rotation moves the secret between the user and its clone, which is a member of it.
  const name = decodeURIComponent(username).replace(/_clone$/, '');
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'onsale-migrate' });
  await client.connect();
  try {
    const role = client.escapeIdentifier(name);
    await client.query('BEGIN');
    // Charts come in any order and at once; two that make the role would both fail.
    await client.query('SELECT pg_advisory_xact_lock($1)', [lockKey]);
    const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [name]);
    if (rowCount === 0)
      await client.query(
        `CREATE ROLE ${role} LOGIN PASSWORD ${client.escapeLiteral(decodeURIComponent(password))}`,
      );
    await client.query(`GRANT USAGE ON SCHEMA public TO ${role}`);
    await client.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role}`);
    await client.query(`GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO ${role}`);
    await client.query('COMMIT');
    return rowCount === 0;
  } finally {
    // An open transaction ends with its connection.
    await client.end();
  }
}
