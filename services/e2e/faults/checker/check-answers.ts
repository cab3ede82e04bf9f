import type { Exchange } from '../history.ts';
import { at, type Violation } from './violation.ts';

/** Every refusal is one of the contract's: its body, Retry-After where it is to be repeated, and never a 500. */
export function checkAnswers(exchanges: readonly Exchange[]): Violation[] {
  return exchanges.flatMap(({ asked, answer, endMs }): Violation[] => {
    if (answer.status === 'unknown' || answer.status < 400) return [];
    const told = `${asked.kind} was answered ${answer.status} ${JSON.stringify(answer.body)} at ${at(endMs)}`;
    const wrong = (why: string): Violation[] => [{ invariant: 0, message: `${told}: ${why}` }];
    if (answer.status >= 500 && answer.status !== 503) return wrong('an engine that is away is a 503');
    if (Object.keys(answer.body).sort().join() !== 'error,message') return wrong('not the body of an error');
    const isRetried = answer.status === 503 || answer.status === 429;
    const seconds = Number(answer.retryAfter);
    if (isRetried && !(Number.isInteger(seconds) && seconds >= 1 && seconds <= 120)) {
      return wrong(`Retry-After is ${answer.retryAfter ?? 'missing'}`);
    }
    return [];
  });
}
