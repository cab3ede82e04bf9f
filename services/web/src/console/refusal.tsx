import type { Answer } from '../api/answer.ts';

/** What the services said no with, in their own words; null when they did not. */
export function refusalOf(answer: Answer<unknown>, noAnswer: string): string | null {
  if (answer.outcome === 'refused') return answer.message || answer.code;
  return answer.outcome === 'unreachable' ? noAnswer : null;
}

/** Shown, and read out, where the request was made. */
export function Refusal({ message }: { message: string | null }) {
  return (
    <div role="alert" className={message === null ? undefined : 'notice'}>
      {message !== null && <p>{message}</p>}
    </div>
  );
}
