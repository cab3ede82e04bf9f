/** What a group of pods has answered since they started, summed over them. */
export interface Answers {
  readonly requests: number;
  readonly failed: number;
  /** Took longer than 200 ms. */
  readonly slow: number;
}

/** A look at a canary: what its pods and the others have answered, and how its pods do. */
export interface Look {
  readonly canary: Answers;
  readonly stable: Answers;
  readonly readyPods: number;
  readonly wantedPods: number;
  readonly restarts: number;
}

export type Judgement =
  | { readonly outcome: 'good' }
  | { readonly outcome: 'bad' | 'unknown'; readonly reason: string };

const metric = 'onsale_http_request_duration_seconds';
/** Fewer requests say nothing about a share of them. */
const leastRequests = 50;
/** Shares of a canary's requests over those of the other pods that may be chance. */
const mayFailMore = 0.01;
const maySlowMore = 0.02;

/** Reads the text a pod's /metrics answers with. */
export function readAnswers(text: string): Answers {
  let requests = 0;
  let failed = 0;
  let quick = 0;
  for (const [, part, labels, value] of text.matchAll(
    new RegExp(`^${metric}_(count|bucket)\\{([^}]*)\\} (\\S+)`, 'gm'),
  )) {
    if (part === 'bucket') {
      if (labels!.includes('le="0.2"')) quick += Number(value);
      continue;
    }
    requests += Number(value);
    if (/status="5/.test(labels!)) failed += Number(value);
  }
  return { requests, failed, slow: requests - quick };
}

/** The sum over pods. */
export const sumAnswers = (all: readonly Answers[]): Answers => ({
  requests: all.reduce((sum, one) => sum + one.requests, 0),
  failed: all.reduce((sum, one) => sum + one.failed, 0),
  slow: all.reduce((sum, one) => sum + one.slow, 0),
});

const since = (before: Answers, now: Answers): Answers => ({
  requests: Math.max(0, now.requests - before.requests),
  failed: Math.max(0, now.failed - before.failed),
  slow: Math.max(0, now.slow - before.slow),
});
const share = (part: number, { requests }: Answers) => (requests === 0 ? 0 : part / requests);
const percent = (value: number) => `${(value * 100).toFixed(1)} %`;

/** Whether a canary does as well as the pods beside it, which have the same load in the same minutes. */
export function judgeCanary(first: Look, last: Look): Judgement {
  if (last.restarts > 0) return { outcome: 'bad', reason: `restarted ${last.restarts} times` };
  if (last.readyPods < last.wantedPods)
    return { outcome: 'bad', reason: `${last.readyPods} of ${last.wantedPods} pods are ready` };
  const canary = since(first.canary, last.canary);
  const stable = since(first.stable, last.stable);
  if (canary.requests < leastRequests)
    return { outcome: 'unknown', reason: `only ${canary.requests} requests came to it` };
  const failed = share(canary.failed, canary);
  const mayFail = share(stable.failed, stable) + mayFailMore;
  if (failed > mayFail)
    return { outcome: 'bad', reason: `${percent(failed)} failed, over ${percent(mayFail)}` };
  const slow = share(canary.slow, canary);
  // p95 of 200 ms is the promise; where all are slower, the canary may be as slow as they.
  const maySlow = Math.max(0.05, share(stable.slow, stable) + maySlowMore);
  if (slow > maySlow)
    return { outcome: 'bad', reason: `${percent(slow)} took over 200 ms, over ${percent(maySlow)}` };
  return { outcome: 'good' };
}
