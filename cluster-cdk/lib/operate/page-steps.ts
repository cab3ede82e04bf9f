import type { Outputs } from '../outputs.ts';

/** Puts the built page into its bucket: files named by their content first, what names them last; each step may run again. */
export function pageSteps(
  built: string,
  { PageBucket, DistributionId }: Outputs<'edge'>,
): readonly string[][] {
  const bucket = `s3://${PageBucket}`;
  return [
    // Nothing is deleted: a buyer who opened the page before still asks for the files it named.
    [
      ...['s3', 'sync', `${built}/assets`, `${bucket}/assets`],
      ...['--cache-control', 'public, max-age=31536000, immutable'],
    ],
    [
      ...['s3', 'sync', built, bucket, '--exclude', 'assets/*', '--exclude', 'built-from.txt'],
      ...['--cache-control', 'public, max-age=60'],
    ],
    ['cloudfront', 'create-invalidation', '--distribution-id', DistributionId, '--paths', '/', '/index.html'],
  ];
}
