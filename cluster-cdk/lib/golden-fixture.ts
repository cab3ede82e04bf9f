import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { goldenFolder } from './golden.ts';
import type { ProfileName } from './profile/profile.ts';

export type Resource = { Type: string; Properties: any; DeletionPolicy?: string };

/** By profile: reading them takes longer than all that is asked of them. */
const read = new Map<ProfileName, Resource[]>();

function readProfile(profile: ProfileName): Resource[] {
  const folder = goldenFolder(profile);
  return readdirSync(folder).flatMap((file) => {
    const template = parse(readFileSync(new URL(file, folder), 'utf8')) as {
      Resources: Record<string, Resource>;
    };
    return Object.values(template.Resources);
  });
}

/** Resources of a type in the committed templates of a profile. */
export function resources(profile: ProfileName, type: string): Resource[] {
  const all = read.get(profile) ?? readProfile(profile);
  read.set(profile, all);
  return all.filter(({ Type }) => Type === type);
}

/** Their properties. */
export const properties = (profile: ProfileName, type: string): any[] =>
  resources(profile, type).map(({ Properties }) => Properties);
