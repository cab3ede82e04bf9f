import { BatchWriteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

/**
 * What becomes of a write of lock items. `late`: given up by its caller, lands when the test lets it. `unanswered`: done, but
 * its caller hears of a failure. `twice`: done, answered, and done once more when the test lets it, as by a retry whose first
 * try was only slow. `lost`: never done.
 */
export type WriteFate = 'prompt' | 'late' | 'unanswered' | 'twice' | 'lost';

export interface UnreliableLocks {
  readonly dynamodb: DynamoDBClient;
  /** Writes that are still to land, in no order; each may be let land whenever the test likes. */
  readonly toLand: (() => Promise<unknown>)[];
  /** `seatId owner` of every put, and of what a removal was to remove, whose fate was not `prompt`. */
  readonly doubted: Set<string>;
  /** What was written and its fate, since it was last emptied. */
  readonly log: string[];
}

/** DynamoDB with the test in between each write of lock items; epochs and reads pass. */
export function unreliableLocks(dynamodb: DynamoDBClient, fateOf: () => WriteFate): UnreliableLocks {
  const toLand: (() => Promise<unknown>)[] = [];
  const doubted = new Set<string>();
  const log: string[] = [];
  const putBefore = new Map<string, string[]>();

  const write = async (command: BatchWriteItemCommand, options: unknown) => {
    const fate = fateOf();
    for (const { PutRequest, DeleteRequest } of Object.values(command.input.RequestItems!).flat()) {
      const item = PutRequest?.Item;
      const name = (item ?? DeleteRequest!.Key!)['sk']!.S!;
      if (item) {
        const owner = item['owner']!.S!;
        putBefore.set(
          name,
          item['seats']!.S!.split(',').map((seatId) => `${seatId} ${owner}`),
        );
      }
      const seats = putBefore.get(name) ?? [];
      if (fate !== 'prompt') for (const one of seats) doubted.add(one);
      log.push(
        `  ${item ? `put ${item['state']!.S!} ${item['fence']!.N!}` : 'remove'} ${name} (${seats.join()}) ${fate}`,
      );
    }
    const forward = () => dynamodb.send(new BatchWriteItemCommand(command.input), options as object);
    if (fate === 'late' || fate === 'twice')
      toLand.push(() => dynamodb.send(new BatchWriteItemCommand(command.input)));
    if (fate === 'prompt' || fate === 'twice') return forward();
    if (fate === 'unanswered') await forward();
    throw Object.assign(new Error(`a write that is ${fate}`), { name: 'TimeoutError' });
  };

  return {
    toLand,
    doubted,
    log,
    dynamodb: new Proxy(dynamodb, {
      get: (target, property) => {
        if (property !== 'send') return Reflect.get(target, property) as unknown;
        return (command: unknown, options: unknown) =>
          command instanceof BatchWriteItemCommand
            ? write(command, options)
            : target.send(command as never, options as never);
      },
    }),
  };
}
