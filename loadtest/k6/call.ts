import { check } from 'k6';
import http, { type RefinedResponse, type ResponseType } from 'k6/http';
import type { Api } from '../profiles/k6-options.ts';
import { serverErrors } from './counters.ts';
import { base } from './run-input.ts';

export type Answer = RefinedResponse<ResponseType | undefined>;

interface Call {
  readonly api: Api;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses that count as success. */
  readonly expect: readonly number[];
}

const requestOf = ({ api, method, path, body, headers = {}, expect }: Call) => ({
  method,
  url: base + path,
  body: body === undefined ? null : JSON.stringify(body),
  params: {
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    // `name` keeps k6 from making a series of every address.
    tags: { api, name: api },
    timeout: '30s',
    responseCallback: http.expectedStatuses(...expect),
  },
});

function judge({ api, expect }: Call, answer: Answer): Answer {
  serverErrors.add(answer.status === 0 || answer.status >= 500);
  check(answer, { [`${api} answered as it should`]: ({ status }) => expect.includes(status) });
  return answer;
}

/** Sends one request and judges its answer. */
export function call(one: Call): Answer {
  const { method, url, body, params } = requestOf(one);
  return judge(one, http.request(method, url, body, params));
}

/** Sends requests at the same time. */
export function callTogether(calls: readonly Call[]): Answer[] {
  const answers = http.batch(calls.map(requestOf));
  return calls.map((one, index) => judge(one, answers[index]!));
}

/** The body of an answer; undefined where it is no JSON. */
export function bodyOf<Body>(answer: Answer): Body | undefined {
  try {
    return answer.json() as Body;
  } catch {
    return undefined;
  }
}
