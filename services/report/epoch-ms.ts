/** A timestamp column as epoch milliseconds, in SQL. */
export const epochMs = (column: string) => `floor(extract(epoch from ${column}) * 1000)::bigint`;
