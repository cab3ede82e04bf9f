// Makes each process one folder that starts without node_modules: dist/<service>/main.mjs. npm run bundle [-- service …]
import { resolve } from 'node:path';
import { bundleService, entries } from './bundle/bundle-service.ts';

/** An image is pulled at every start. */
const mostBytes = 5_000_000;

const chosen = process.argv.slice(2).length > 0 ? process.argv.slice(2) : Object.keys(entries);
const unknown = chosen.filter((service) => entries[service] === undefined);
if (unknown.length > 0) {
  console.error(`no service ${unknown.join(', ')}; there are ${Object.keys(entries).join(', ')}`);
  process.exit(2);
}
for (const service of chosen) {
  const outdir = resolve(import.meta.dirname, '../dist', service);
  const { bytes, compiledBytes } = await bundleService(entries[service]!, outdir);
  const megabytes = (count: number) => `${(count / 1e6).toFixed(1)} MB`;
  console.log(`dist/${service}: ${megabytes(bytes)} and ${megabytes(compiledBytes)} of compiled code`);
  if (bytes > mostBytes) {
    console.error(`dist/${service} is larger than ${megabytes(mostBytes)}`);
    process.exitCode = 1;
  }
}
