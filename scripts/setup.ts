// Installs what tests need beyond npm's packages; does nothing where all is there.
import { ensurePrometheus } from '@onsale/cdk8s/scaling/prometheus';
import { binaryCache, ensureBinaries } from '@onsale/control-plane/binaries';
import { ensureK6 } from '@onsale/loadtest/k6-program/k6-program';
import { ensureRedisBinary } from '@onsale/local/engines/redis-binary';
import { ensureChromium } from '@onsale/web/testing/chromium';
import { ensureActionlint } from './linters/actionlint.ts';
import { ensureCfnLint } from './linters/cfn-lint.ts';

const steps: readonly { name: string; install: (report: (line: string) => void) => Promise<string> }[] = [
  {
    name: 'Redis',
    install: async (report) => {
      const { path, version, kind } = await ensureRedisBinary(report);
      return `${kind} ${version} at ${path}`;
    },
  },
  { name: 'Prometheus', install: ensurePrometheus },
  { name: 'actionlint', install: ensureActionlint },
  { name: 'cfn-lint', install: ensureCfnLint },
  { name: 'Chromium', install: ensureChromium },
  { name: 'k6', install: ensureK6 },
  {
    name: 'Kubernetes control plane',
    install: async (report) => {
      const settings = { assets: process.env['KUBEBUILDER_ASSETS'] };
      await ensureBinaries(settings, report);
      return settings.assets ?? (await binaryCache(settings));
    },
  },
];

let failed = 0;
for (const { name, install } of steps) {
  const start = performance.now();
  try {
    const what = await install((line) => console.log(line));
    console.log(`ok      ${name}: ${what} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed += 1;
    console.error(`FAILED  ${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
process.exitCode = failed > 0 ? 1 : 0;
