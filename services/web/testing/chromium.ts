import { canInstallPackages, installDebianPackages } from '@onsale/local/engines/debian-packages';
import { findOnPath } from '@onsale/local/engines/find-on-path';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** Where this machine has a Chromium; undefined when it has none on its PATH. */
export async function findChromium(): Promise<string | undefined> {
  for (const name of names) {
    const path = await findOnPath(name);
    if (path !== undefined) return path;
  }
  return undefined;
}

/** Finds a Chromium, or installs Debian's, with a font for Korean; rejects with what to do where it cannot. */
export async function ensureChromium(report: (line: string) => void): Promise<string> {
  const found = await findChromium();
  if (found !== undefined) return found;
  if (!(await canInstallPackages())) {
    throw new Error(
      'no chromium or google-chrome on PATH; install one, as by: sudo apt-get install chromium',
    );
  }
  report('Chromium: installing the packages chromium and fonts-nanum with apt-get (once)');
  const isThere = async () => (await findChromium()) !== undefined;
  await installDebianPackages(['chromium', 'fonts-nanum'], isThere);
  const installed = await findChromium();
  if (installed === undefined) throw new Error('apt-get installed chromium, but it is not on PATH');
  return installed;
}
