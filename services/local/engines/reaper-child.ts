import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { ReaperOrder } from './reaper.ts';

const GRACE_MS = 3_000;
const LOOK_EVERY_MS = 50;

const watched = new Map<number, NodeJS.Signals>();
const directories = new Set<string>();

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}

// A terminal's Ctrl-C or a service manager's SIGTERM to everybody must not take the reaper before the engines' owner.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => {});

for await (const line of createInterface({ input: process.stdin })) {
  const entry = JSON.parse(line) as ReaperOrder;
  if (entry.order === 'watch') watched.set(entry.pid, entry.stopSignal);
  if (entry.order === 'forget') watched.delete(entry.pid);
  if (entry.order === 'remove') directories.add(entry.path);
  if (entry.order === 'keep') directories.delete(entry.path);
}

for (const [pid, stopSignal] of watched) {
  signal(pid, 'SIGCONT');
  signal(pid, stopSignal);
}
const deadline = performance.now() + GRACE_MS;
while ([...watched.keys()].some((pid) => signal(pid, 0)) && performance.now() < deadline)
  await delay(LOOK_EVERY_MS);
for (const pid of watched.keys()) signal(pid, 'SIGKILL');
for (const path of directories) await rm(path, { recursive: true, force: true, maxRetries: 5 });
