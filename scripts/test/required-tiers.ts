/** Reads REQUIRE_TIERS: `all`, a comma-separated list of tier names, or nothing. Throws on a name that is no tier. */
export function readRequiredTiers(
  value: string | undefined,
  tierNames: readonly string[],
): readonly string[] {
  if (value === undefined || value === '') return [];
  if (value === 'all') return tierNames;
  const names = value.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !tierNames.includes(name));
  if (unknown.length > 0) {
    throw new Error(
      `REQUIRE_TIERS names no tier by ${unknown.join(', ')}: there are ${tierNames.join(', ')}`,
    );
  }
  return names;
}
