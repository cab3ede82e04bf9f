import { readFileSync } from 'node:fs';

/** A statement PostgreSQL plans once per connection: pass it with `values` to `query`. */
export interface SqlStatement {
  readonly name: string;
  readonly text: string;
}

/** Reads `sql/<name>.sql`. Its header says what its parameters are and what it returns. */
export function loadSql(name: string): SqlStatement {
  return { name, text: readFileSync(new URL(`./sql/${name}.sql`, import.meta.url), 'utf8') };
}
