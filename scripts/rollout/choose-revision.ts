/** A revision of a release, as `helm history` lists it, and whether a canary ran in it. */
export interface Revision {
  readonly revision: number;
  readonly status: string;
  readonly hasCanary: boolean;
}

/**
 * The revision a rollback leads to: the newest before the present one that was installed and had no canary. The one just
 * before a promotion is a trial of the very version that is to go.
 */
export function chooseRevision(history: readonly Revision[]): number | undefined {
  const newestFirst = history.toSorted((a, b) => b.revision - a.revision);
  return newestFirst.slice(1).find(({ status, hasCanary }) => status === 'superseded' && !hasCanary)
    ?.revision;
}
