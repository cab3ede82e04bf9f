import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { overallExitCode, stoppedFromOutside } from '../run/exit-codes.ts';
import type { RunEnd } from '../run/keep-run.ts';
import type { Kubectl } from './kubectl.ts';

const name = 'loadtest';
const runnersOfIt = `k6_cr=${name},runner=true`;
const summaryMark = 'onsale-summary ';
/** Pulling images and starting runners, and their last iterations, beside the profile's own time. */
const sparedSeconds = 900;

interface RunnerPod {
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly phase?: string;
    readonly containerStatuses?: readonly {
      readonly state?: { readonly terminated?: { readonly exitCode: number } };
    }[];
  };
}

export interface TestRunToFollow {
  readonly kubectl: Kubectl;
  readonly manifest: string;
  /** Where each runner's summary goes. */
  readonly folder: string;
  /** How long the profile runs once it has started, seconds. */
  readonly durationSeconds: number;
  /** How long runners that were told to stop may take to end, seconds. */
  readonly graceSeconds: number;
  readonly say: (line: string) => void;
  /** Once aborted the run ends. */
  readonly signal: AbortSignal;
  readonly lookEveryMs: number;
}

/**
 * Applies a TestRun, tells of its progress, brings the runners' figures into the folder and deletes it, whatever happens.
 * A runner that ends before its time crossed a threshold or was killed: the others are stopped, for the run has failed, and
 * still leave their figures. Rejects where a load test is in the namespace already, or the cluster refuses this one.
 */
export async function followTestRun(run: TestRunToFollow): Promise<RunEnd> {
  const { kubectl, manifest, say, signal } = run;
  const there = await kubectl(['get', 'testruns.k6.io', name, '--ignore-not-found', '--output', 'name']);
  if (!there.isOk) throw new Error(`The cluster does not answer for TestRuns: ${there.err.trim()}`);
  if (there.out.trim() !== '') {
    throw new Error(`A load test is in this namespace already; end it with: kubectl delete testrun ${name}`);
  }
  const startedAtMs = Date.now();
  try {
    const applied = await kubectl(['apply', '--server-side', '--filename', '-'], manifest);
    if (!applied.isOk) throw new Error(`The cluster refuses the TestRun: ${applied.err.trim()}`);
    say('Applied; Ctrl-C ends it');
    const isOver = await untilItEnds(run);
    if (!isOver) await stopRunners(run);
    const codes = await collect(run);
    return {
      startedAtMs,
      endedAtMs: Date.now(),
      exitCode: overallExitCode(codes),
      wasInterrupted: signal.aborted,
    };
  } finally {
    const deleted = await kubectl(
      ['delete', '--ignore-not-found', '--wait=false', '--filename', '-'],
      manifest,
    );
    say(deleted.isOk ? 'Deleted the TestRun' : `The TestRun could not be deleted: ${deleted.err.trim()}`);
  }
}

/** Resolves with whether all runners ended; false where the run is to end before them. */
async function untilItEnds(run: TestRunToFollow): Promise<boolean> {
  const { kubectl, durationSeconds, say, signal, lookEveryMs } = run;
  const begunMs = performance.now();
  let startedMs: number | undefined;
  let told = '';
  while (!signal.aborted) {
    const look = await kubectl(['get', 'testruns.k6.io', name, '--output', 'jsonpath={.status.stage}']);
    const stage = look.isOk ? look.out.trim() : `unknown, ${look.err.trim()}`;
    const pods = await runnerPods(kubectl);
    const ended = pods.filter((pod) => exitCodeOf(pod) !== undefined);
    const early = ended.find((pod) => exitCodeOf(pod) !== 0);
    const news = `${stage || 'taken'}: ${pods.length} runners, ${ended.length} ended`;
    if (news !== told) say((told = news));
    if (stage === 'started') startedMs ??= performance.now();
    if (stage === 'finished' || stage === 'stopped' || stage === 'error') return true;
    const isBeforeTime =
      startedMs === undefined || performance.now() - startedMs < (durationSeconds - 5) * 1000;
    if (early !== undefined && isBeforeTime) {
      say(`${early.metadata.name} ended early, with exit code ${exitCodeOf(early)}: ending the run`);
      return false;
    }
    if (performance.now() - begunMs > (durationSeconds + sparedSeconds) * 1000) {
      say('Not finished in time: ending the run');
      return false;
    }
    await delay(lookEveryMs, undefined, { signal }).catch(() => undefined);
  }
  return false;
}

/** Tells runners that are still at it to stop, as Ctrl-C would (k6 is the first process of its container), and waits until they have written their summary. */
async function stopRunners({ kubectl, graceSeconds, say, lookEveryMs }: TestRunToFollow): Promise<void> {
  const running = async () => (await runnerPods(kubectl)).filter((pod) => exitCodeOf(pod) === undefined);
  const asked = await running();
  if (asked.length === 0) return;
  say(`Stopping ${asked.length} runners`);
  await Promise.all(
    asked.map(({ metadata }) =>
      kubectl(['exec', metadata.name, '--container', 'k6', '--', 'kill', '-INT', '1']),
    ),
  );
  const begunMs = performance.now();
  while ((await running()).length > 0) {
    if (performance.now() - begunMs > graceSeconds * 1000) {
      say('Some did not stop in time: their figures are lost');
      return;
    }
    await delay(lookEveryMs);
  }
}

/** Writes the summary of every runner that left one; resolves with the runners' exit codes, null where there is none. */
async function collect({ kubectl, folder, say }: TestRunToFollow): Promise<(number | null)[]> {
  const pods = await runnerPods(kubectl);
  let count = 0;
  for (const pod of pods) {
    // The summary is the last that k6 prints; what it complained of before may be long.
    const { out } = await kubectl(['logs', pod.metadata.name, '--container', 'k6', '--tail', '50']);
    const line = out.split('\n').find((one) => one.startsWith(summaryMark));
    if (line === undefined) continue;
    await writeFile(join(folder, `summary-${++count}.json`), line.slice(summaryMark.length));
  }
  say(`${count} of ${pods.length} runners left their figures`);
  return pods.map((pod) => {
    const code = exitCodeOf(pod);
    if (code === stoppedFromOutside) return 0;
    // From 128 on a signal ended it, memory that ran out among them.
    return code === undefined || code >= 128 ? null : code;
  });
}

async function runnerPods(kubectl: Kubectl): Promise<readonly RunnerPod[]> {
  const { isOk, out } = await kubectl(['get', 'pods', '--selector', runnersOfIt, '--output', 'json']);
  return isOk ? (JSON.parse(out) as { items: RunnerPod[] }).items : [];
}

/** Undefined while it runs; an evicted pod has none of its own. */
function exitCodeOf({ status }: RunnerPod): number | undefined {
  const code = status?.containerStatuses?.[0]?.state?.terminated?.exitCode;
  return code ?? (status?.phase === 'Failed' ? 137 : undefined);
}
