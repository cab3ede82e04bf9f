import { Command, InvalidArgumentError } from 'commander';
import { buildPage, consoleDir } from './page/build-page.ts';
import { serveConsole } from './page/serve-console.ts';

function address(text: string): string {
  const url = URL.parse(text);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new InvalidArgumentError('an address is such as http://127.0.0.1:9090');
  }
  return url.origin;
}

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 65_535) {
    throw new InvalidArgumentError('a port is 1 to 65535');
  }
  return value;
}

const { admin, port: wanted } = new Command('npm run console --')
  .description('Serves the sale console on this machine, for a deployment; npm start has one of its own.')
  .requiredOption(
    '--admin <url>',
    'internal address of public-api, as kubectl port-forward makes it: http://127.0.0.1:9090',
    address,
  )
  .option('--port <port>', 'port of the console, on loopback', port, 8090)
  .parse()
  .opts<{ admin: string; port: number }>();

try {
  await buildPage();
  const { url, close } = await serveConsole({ port: wanted, dir: consoleDir, adminUrl: () => admin });
  console.log(`Sale console at ${url}/ for ${admin}. It asks for the admin token. Ctrl-C stops it.`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void close());
} catch (error) {
  const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
  console.error(isTaken ? `Port ${wanted} is taken: choose another with --port` : (error as Error).message);
  process.exitCode = 1;
}
