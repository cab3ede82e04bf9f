import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBinaries } from './binaries.ts';
import { kubectlAndHelm } from './kubectl-layer.ts';
import { readControlPlane, runsIn, startControlPlane, stopControlPlane } from './start-control-plane.ts';

const usage = `npm run control-plane -- up [--compress 10] [--nodes 10] [--hpa-sync 15] | down | status | kubeconfig | env

  up          starts a real Kubernetes control plane on loopback, building it first if need be
              --compress divides Fargate's start times of 40 to 90 s
  down        stops it and leaves nothing
  status      what runs, and where kubectl and helm are
  kubeconfig  prints the path for KUBECONFIG
  env         prints exports of KUBECONFIG and of a PATH with the pinned kubectl and helm: eval "$(… env)"`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    dir: { type: 'string', default: join(homedir(), '.cache', 'onsale', 'control-plane') },
    compress: { type: 'string', default: '1' },
    nodes: { type: 'string', default: '10' },
    'hpa-sync': { type: 'string', default: '15' },
  },
});

const notRunning = 'Not running: npm run control-plane -- up';

async function main(): Promise<void> {
  const state = await readControlPlane(values.dir);
  const running = state
    ? (await Promise.all(Object.values(state.pids).map((pid) => runsIn(pid, values.dir)))).every(Boolean)
    : false;
  switch (positionals[0]) {
    case 'up': {
      if (running) return console.log(`Runs already: export KUBECONFIG=${state!.kubeconfig}`);
      if (state) await stopControlPlane(values.dir);
      const binaries = await ensureBinaries({ assets: process.env['KUBEBUILDER_ASSETS'] }, (line) =>
        console.log(line),
      );
      const begunMs = performance.now();
      const { kubeconfig, url } = await startControlPlane({
        binaries,
        dir: values.dir,
        compress: Number(values.compress),
        nodes: Number(values.nodes),
        hpaSyncSeconds: Number(values['hpa-sync']),
      });
      console.log(`Kubernetes serves at ${url} after ${((performance.now() - begunMs) / 1000).toFixed(1)} s`);
      console.log(`export KUBECONFIG=${kubeconfig}`);
      return;
    }
    case 'down':
      await stopControlPlane(values.dir);
      return console.log('Stopped; nothing is left');
    case 'status': {
      if (!state) return console.log('Not running');
      for (const [name, pid] of Object.entries(state.pids)) {
        console.log(`${(await runsIn(pid, values.dir)) ? 'runs   ' : 'STOPPED'} ${name} (${pid})`);
      }
      const { kubectl, helm } = await kubectlAndHelm();
      return console.log(`${state.url}\nkubectl ${kubectl}\nhelm    ${helm}`);
    }
    case 'kubeconfig':
      if (!state) throw new Error(notRunning);
      return console.log(state.kubeconfig);
    case 'env': {
      if (!state) throw new Error(notRunning);
      const { kubectl, helm } = await kubectlAndHelm();
      console.log(`export KUBECONFIG='${state.kubeconfig}'`);
      return console.log(`export PATH='${dirname(kubectl)}:${dirname(helm)}':"$PATH"`);
    }
    default:
      console.error(usage);
      process.exitCode = 2;
  }
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
