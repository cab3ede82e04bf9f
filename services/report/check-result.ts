/** What one check found. */
export interface CheckResult {
  /** How many records it looked at, in words. */
  readonly looked: string;
  /** In words, each naming its record; none: passed. */
  readonly differences: readonly string[];
}
