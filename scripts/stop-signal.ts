const ORPHAN_CHECK_MS = 500;

/**
 * Aborts on Ctrl-C, on a polite request to end, and when the process that started this one is gone: npm's shell does not
 * pass a SIGTERM on. A second Ctrl-C ends the process at once.
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, stop);
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent && !controller.signal.aborted) controller.abort();
  }, ORPHAN_CHECK_MS).unref();
  return controller.signal;
}
