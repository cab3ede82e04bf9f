import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The images of a version as they were scanned: digests by repository, which holds the registry, and so the Region. */
interface ImageDigests {
  readonly tag: string;
  readonly digests: Readonly<Record<string, string>>;
}

/** Where `npm run images` writes them and `npm run rollout` looks for them. */
export const digestsPath = (root: string, tag: string) => join(root, 'dist', `images-${tag}.json`);

export function writeDigests(path: string, images: ImageDigests): void {
  mkdirSync(dirname(resolve(path)), { recursive: true });
  writeFileSync(path, `${JSON.stringify(images, null, 2)}\n`);
}

/** The digest of a version's image in a repository; throws where the file is another version's or never heard of it. */
export function readDigest(path: string, tag: string, repository: string): string {
  const file = JSON.parse(readFileSync(path, 'utf8')) as ImageDigests;
  if (file.tag !== tag) throw new Error(`${path} holds the images of ${file.tag}, not of ${tag}`);
  const digest = file.digests[repository];
  if (digest === undefined || !/^sha256:[0-9a-f]{64}$/.test(digest))
    throw new Error(
      `${path} holds no digest of ${repository}: npm run images -- ${tag} with its Region’s outputs`,
    );
  return digest;
}
