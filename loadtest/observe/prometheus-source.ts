import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Observation } from '../report/run-record.ts';
import { podsFigure, type PrometheusFigure, prometheusFigures } from './prometheus-figures.ts';
import type { Source, TimeWindow } from './source.ts';

interface Answer {
  readonly status: 'success' | 'error';
  readonly error?: string;
  readonly data?: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      /** Epoch seconds and a number as text. */
      readonly values: readonly (readonly [number, string])[];
    }[];
  };
}

/** A workspace of Amazon Managed Prometheus; the host says its Region. */
const managed = /^aps-workspaces\.([a-z0-9-]+)\.amazonaws\.com$/;
const stepSeconds = 15;

/**
 * Figures of a Prometheus, or of whatever speaks its HTTP API, by the address that `/api/v1` follows. Requests to Amazon
 * Managed Prometheus are signed with the credentials that the AWS SDK finds.
 */
export function prometheusSource(address: string, figures = prometheusFigures): Source {
  const base = address.replace(/\/$/, '');
  const headersOf = signerFor(new URL(base).hostname);
  const ask = async (figure: PrometheusFigure, { fromMs, toMs, signal }: TimeWindow) => {
    const url = new URL(`${base}/api/v1/query_range`);
    const query = {
      query: figure.query,
      start: (fromMs / 1000).toFixed(3),
      end: (toMs / 1000).toFixed(3),
      step: String(stepSeconds),
    };
    url.search = new URLSearchParams(query).toString();
    const response = await fetch(url, { headers: await headersOf(url, query), signal });
    const text = await response.text();
    const answer = parse(text);
    if (answer?.status !== 'success')
      throw new Error(`${figure.figure}: ${answer?.error ?? `status ${response.status}`}`);
    return answer.data!.result.flatMap(({ metric, values }) =>
      values.flatMap(([at, text]): Observation[] => {
        const value = Number(text);
        const of = figure.by === undefined ? '' : (metric[figure.by] ?? '');
        const atMs = at * 1000;
        // A share of nothing is no figure.
        if (!Number.isFinite(value)) return [];
        if (figure.figure === podsFigure)
          return [{ atMs, kind: 'pods', deployment: of, ready: value, by: 'Prometheus' }];
        const { alarm } = figure;
        return [
          {
            ...{ atMs, kind: 'figure', source: 'Prometheus', figure: figure.figure, of, value },
            ...(alarm && { alarm }),
          },
        ];
      }),
    );
  };
  return {
    name: 'Prometheus',
    read: async (window) => (await Promise.all(figures.map((figure) => ask(figure, window)))).flat(),
  };
}

function parse(text: string): Answer | undefined {
  try {
    return JSON.parse(text) as Answer;
  } catch {
    return undefined;
  }
}

/** Headers of a request to this host: a signature where it is Amazon's. */
function signerFor(hostname: string) {
  const region = managed.exec(hostname)?.[1];
  if (region === undefined) return async () => ({});
  // Credentials and digest as every client of the SDK has them.
  const { credentials, sha256 } = new CloudWatchClient({ region }).config;
  const signer = new SignatureV4({ service: 'aps', region, credentials, sha256 });
  return async (url: URL, query: Record<string, string>) => {
    const { headers } = await signer.sign({
      method: 'GET',
      protocol: url.protocol,
      hostname,
      path: url.pathname,
      query,
      headers: { host: hostname },
    });
    return headers;
  };
}
