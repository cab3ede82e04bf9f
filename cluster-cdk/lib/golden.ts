import type { ProfileName } from './profile/profile.ts';

/** Where the committed templates of a profile are. */
export const goldenFolder = (profile: ProfileName) => new URL(`../golden/${profile}/`, import.meta.url);

/** Goldens are of the first Region; the second differs from it by names alone, which a test shows. */
export const isGolden = (stackId: string) => !stackId.startsWith('ap-northeast-2');

/** First line of every golden. */
export const goldenHeader =
  '# Generated from cluster-cdk/lib by scripts/generate/cloud-templates.ts; change it there.\n';
