import { KubeConfig } from '@kubernetes/client-node';
import { fargate, startFargateScheduler } from './fargate-scheduler.ts';
import { stopControlPlane } from './start-control-plane.ts';

/** The Fargate stand-in as a process; with watchPid it takes the whole control plane down when that process is gone. */
const settings = JSON.parse(process.argv[2]!) as {
  dir: string;
  kubeconfig: string;
  compress: number;
  nodes: string[];
  watchPid?: number;
};
const config = new KubeConfig();
config.loadFromFile(settings.kubeconfig);
startFargateScheduler(config, {
  ...fargate,
  shortestStartMs: fargate.shortestStartMs / settings.compress,
  longestStartMs: fargate.longestStartMs / settings.compress,
  nodes: settings.nodes,
});

const { watchPid } = settings;
if (watchPid !== undefined) {
  const timer = setInterval(() => {
    try {
      process.kill(watchPid, 0);
    } catch {
      clearInterval(timer);
      void stopControlPlane(settings.dir, 'fargate').finally(() => process.exit());
    }
  }, 1000);
}
