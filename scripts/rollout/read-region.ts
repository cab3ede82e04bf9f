import { readFileSync } from 'node:fs';
import { readOutputs } from '@onsale/cluster-cdk/lib/operate/read-outputs';
import type { OutputsFile } from '@onsale/cluster-cdk/lib/outputs';

/** What delivery has to know of a deployment's Region. */
export interface DeliveredRegion {
  /** Whose values-<environment>.yaml the charts take. */
  readonly environment: string;
  /** Host and path before an image's name, with a slash at its end. */
  readonly registry: string;
  readonly apiBase: string;
}

/** Reads it from the file `npm run cloud -- outputs` writes. */
export function readRegion(path: string): DeliveredRegion {
  const file = JSON.parse(readFileSync(path, 'utf8')) as OutputsFile;
  const profile = Object.keys(file)
    .map((stack) => /^onsale-(.+)-network$/.exec(stack)?.[1])
    .find((name) => name !== undefined);
  if (profile === undefined) throw new Error(`${path} holds no outputs of a network stack`);
  const { Region } = readOutputs(file, profile, 'network');
  return {
    environment: profile === 'production' ? `production-${Region}` : profile,
    registry: readOutputs(file, profile, 'images').ImageRegistry,
    apiBase: readOutputs(file, profile, 'edge').ApiBase,
  };
}
