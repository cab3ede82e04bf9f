import { type Child, startChild } from './child.ts';

/** What the stub is told by its starter; it answers each with a {@link StubAnswer} about the queue. */
export type StubOrder =
  | { readonly order: 'count'; readonly queue: string }
  /** Closed, the queue takes messages and gives out none. */
  | { readonly order: 'gate'; readonly queue: string; readonly open: boolean }
  /** Everything that waits goes to another queue. */
  | { readonly order: 'move'; readonly queue: string; readonly to: string };

export interface StubAnswer {
  readonly waiting: number;
  readonly underWay: number;
  readonly deleted: number;
  /** Items written to DynamoDB so far. */
  readonly writes: number;
}

/** AWS and the payment provider, answering at once from a process of their own. */
export interface InstantStub {
  readonly child: Child;
  readonly url: string;
  tell(order: StubOrder): Promise<StubAnswer>;
}

export async function startInstantStub(): Promise<InstantStub> {
  const child = startChild(new URL('./instant-stub-child.ts', import.meta.url));
  const { port } = await child.nextMessage<{ port: number }>();
  return {
    child,
    url: `http://127.0.0.1:${port}`,
    async tell(order) {
      const answer = child.nextMessage<StubAnswer>();
      child.send(order);
      return await answer;
    },
  };
}
