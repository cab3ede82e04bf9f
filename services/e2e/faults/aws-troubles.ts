import { awsRefusal, type AwsTrouble } from './aws-proxy.ts';
import type { SeededRandom } from '@onsale/platform/seeded-random';

/** Counts what a fault has done, by a name for people: a fault that did no harm has shown nothing. */
export type NoteHarm = (what: string, count?: number) => void;

/** How much harm to do, and whom to tell. */
export interface Harm {
  readonly random: SeededRandom;
  /** Of calls, or of the entries of one; from 0 to 1. */
  readonly share: number;
  readonly note: NoteHarm;
}

/** A share of calls is refused, as where a table's or a queue's throughput is used up. */
export const throttling =
  (type: string) =>
  ({ random, share, note }: Harm): AwsTrouble =>
  async ({ input }, forward) => {
    if (!random.chance(share)) return forward(input);
    note('calls throttled');
    return awsRefusal(400, type, 'Too many of them; try again later');
  };

/** A share of calls is done and answered as if it had failed: nobody knows but the service. */
export const answersLost =
  () =>
  ({ random, share, note }: Harm): AwsTrouble =>
  async ({ input }, forward) => {
    const answer = await forward(input);
    if (!random.chance(share)) return answer;
    note('answers lost');
    return awsRefusal(500, 'InternalServerError', 'The request could not be completed');
  };

/** DynamoDB writes a part of a batch and says which it did not, and answers queries in pages of a few items. */
export const partialDynamoDb =
  () =>
  ({ random, share, note }: Harm): AwsTrouble =>
  async ({ operation, input }, forward) => {
    if (operation === 'Query') {
      const answer = await forward({ ...input, Limit: random.between(1, 3) });
      if (answer.output['LastEvaluatedKey'] !== undefined) note('queries answered in part');
      return answer;
    }
    if (operation !== 'BatchWriteItem') return forward(input);
    const requests = Object.entries(input['RequestItems'] as Record<string, object[]>).flatMap(
      ([table, ofTable]) => ofTable.map((request) => ({ table, request, isLeft: random.chance(share) })),
    );
    const left = requests.filter(({ isLeft }) => isLeft);
    note('items left unprocessed', left.length);
    if (left.length === requests.length) {
      return awsRefusal(400, 'ProvisionedThroughputExceededException', 'No item could be written');
    }
    const byTable = (some: typeof requests) =>
      Object.fromEntries(
        [...Map.groupBy(some, ({ table }) => table)].map(([table, ofTable]) => [
          table,
          ofTable.map(({ request }) => request),
        ]),
      );
    const answer = await forward({
      ...input,
      RequestItems: byTable(requests.filter(({ isLeft }) => !isLeft)),
    });
    if (answer.status !== 200) return answer;
    return { status: 200, output: { ...answer.output, UnprocessedItems: byTable(left) } };
  };

/** SQS does a part of a batch and says which entries it did not. */
export const partialSqs =
  () =>
  ({ random, share, note }: Harm): AwsTrouble =>
  async ({ operation, input }, forward) => {
    const entries = input['Entries'] as readonly { readonly Id: string }[] | undefined;
    if (!operation.endsWith('Batch') || !entries) return forward(input);
    const left = entries.filter(() => random.chance(share));
    note('entries of batches failed', left.length);
    const done = entries.filter((entry) => !left.includes(entry));
    const answer =
      done.length === 0 ? { status: 200, output: {} } : await forward({ ...input, Entries: done });
    if (answer.status !== 200) return answer;
    const failed = left.map(({ Id }) => ({ Id, SenderFault: false, Code: 'ServiceUnavailable' }));
    const alsoFailed = (answer.output['Failed'] as object[] | undefined) ?? [];
    return { status: 200, output: { ...answer.output, Failed: [...alsoFailed, ...failed] } };
  };
