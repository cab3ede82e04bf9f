import { readFileSync } from 'node:fs';

// Preloaded into the services of a fault run, as clock-hook.ts?dir=…; nothing of theirs knows of it. On SIGWINCH the process's wall
// clock is set: by as many milliseconds as the file clock-<pid> says it is off the machine's. The monotonic clock goes on, as it
// does where an operating system's clock is stepped. (SIGUSR2 makes a service drain.)
const dir = new URL(import.meta.url).searchParams.get('dir')!;
let offMs = 0;
const RealDate = Date;
globalThis.Date = new Proxy(RealDate, {
  construct: (target, given, made) =>
    Reflect.construct(target, given.length === 0 ? [target.now() + offMs] : given, made) as Date,
  get: (target, property) =>
    property === 'now' ? () => target.now() + offMs : (Reflect.get(target, property) as unknown),
});
process.on('SIGWINCH', () => {
  offMs = Number(readFileSync(`${dir}/clock-${process.pid}`, 'utf8'));
});
