/** Reads that reach PostgreSQL or Redis, that CloudFront does not cache, and that anybody may make. */
const paths: Readonly<Record<string, string>> = {
  'public-api': '/api/events',
  'confirm-api': '/confirm/status?idem=canary-probe',
};

/**
 * Asks an API by its public address, so that a canary has something to answer where nobody buys. Answers are not looked
 * at: pods count their own, whatever becomes of these.
 */
export async function askIdleApi(base: string, chart: string, requests: number): Promise<void> {
  const ask = async () => {
    const answer = await fetch(base + paths[chart], { signal: AbortSignal.timeout(10_000) });
    await answer.arrayBuffer();
  };
  await Promise.allSettled(Array.from({ length: requests }, ask));
}
