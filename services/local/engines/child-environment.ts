const PASSED_ON = ['PATH', 'HOME', 'USER', 'TMPDIR', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH'];

/**
 * The environment engines run in: where programs and temporary files are, and nothing else.
 * AWS_REGION would move the emulators, PG* and TZ would change PostgreSQL.
 */
export function childEnvironment(): Record<string, string> {
  const environment: Record<string, string> = { LC_ALL: 'C' };
  for (const name of PASSED_ON) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}
