import type { AwsTrouble } from './aws-proxy.ts';
import type { Harm } from './aws-troubles.ts';

/** A queue that delivers otherwise than one would like. */
export interface QueueDeliveries {
  readonly trouble: AwsTrouble;
  /** Harms no message that comes from now on. */
  calm(): void;
  /** Messages it has taken from the queue and not delivered yet. */
  waiting(): number;
}

/** A share of messages is delivered late, again (also after it was deleted), or behind those that came after it. */
export type DeliveryHarm = 'late' | 'again' | 'reordered';

/** Shorter than messages are hidden: the queue must not deliver what is held back here itself. */
const latestMs = 3000;
/** SQS answers with no more. */
const maxMessages = 10;

/** Harms the deliveries of a queue; `nowMs` is monotonic. */
export function harmDeliveries(
  how: DeliveryHarm,
  { random, share, note }: Harm,
  nowMs: () => number = () => performance.now(),
): QueueDeliveries {
  const pending: { readonly message: unknown; readonly dueAtMs: number }[] = [];
  let isCalm = false;

  const pendFor = (message: unknown, waitMs: number, what: string) => {
    note(what);
    pending.push({ message, dueAtMs: nowMs() + waitMs });
  };
  const takeDue = (most: number) => {
    const due = pending.filter(({ dueAtMs }) => dueAtMs <= nowMs()).slice(0, most);
    for (const one of due) pending.splice(pending.indexOf(one), 1);
    return due.map(({ message }) => message);
  };
  const sift = (messages: readonly unknown[]): unknown[] => {
    return messages.filter((message) => {
      if (isCalm || !random.chance(share)) return true;
      if (how === 'again') {
        pendFor(message, random.between(0, latestMs), 'messages delivered again');
        return true;
      }
      // Just long enough to be overtaken.
      if (how === 'reordered') pendFor(message, random.between(1, 400), 'messages overtaken');
      else pendFor(message, random.between(300, latestMs), 'messages late');
      return false;
    });
  };

  return {
    async trouble({ operation, input }, forward) {
      if (operation !== 'ReceiveMessage') return forward(input);
      const most = Number(input['MaxNumberOfMessages'] ?? 1);
      const due = takeDue(most);
      if (due.length === most) return { status: 200, output: { Messages: due } };
      // Nobody waits for new messages while others are due soon.
      const wait = pending.length + due.length > 0 ? { WaitTimeSeconds: 0 } : {};
      const answer = await forward({ ...input, ...wait, MaxNumberOfMessages: most - due.length });
      if (answer.status !== 200) {
        for (const message of due) pending.push({ message, dueAtMs: 0 });
        return answer;
      }
      const fresh = sift((answer.output['Messages'] as unknown[] | undefined) ?? []);
      const messages = [...fresh, ...due].slice(0, maxMessages);
      if (how === 'reordered' && !isCalm) messages.reverse();
      return { status: 200, output: messages.length > 0 ? { Messages: messages } : {} };
    },
    calm() {
      isCalm = true;
    },
    waiting: () => pending.length,
  };
}
