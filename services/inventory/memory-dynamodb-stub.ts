import {
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type AttributeValue,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';

type Item = Record<string, AttributeValue>;

/** The commands the inventory sends, on a map: thousands of operations a second, and nothing of them left to chance. */
export function memoryDynamoDb(): DynamoDBClient {
  const partitions = new Map<string, Map<string, Item>>();
  const partition = (pk: string) => {
    let items = partitions.get(pk);
    if (!items) partitions.set(pk, (items = new Map<string, Item>()));
    return items;
  };
  const itemsOf = (key: Item) => partition(key['pk']!.S!);
  const sortKeyOf = (key: Item) => key['sk']!.S!;

  const send = async (command: unknown): Promise<unknown> => {
    // Every call gives way, as one over a network does.
    await new Promise((resolve) => setImmediate(resolve));
    if (command instanceof GetItemCommand) {
      const { Key } = command.input as { Key: Item };
      return { Item: itemsOf(Key).get(sortKeyOf(Key)) };
    }
    if (command instanceof PutItemCommand) {
      const { Item, ExpressionAttributeValues } = command.input as {
        Item: Item;
        ExpressionAttributeValues?: Item;
      };
      const before = itemsOf(Item).get(sortKeyOf(Item))?.['epoch']?.N;
      if (before !== ExpressionAttributeValues?.[':before']?.N) {
        throw new ConditionalCheckFailedException({ $metadata: {}, message: 'another epoch' });
      }
      itemsOf(Item).set(sortKeyOf(Item), Item);
      return {};
    }
    if (command instanceof BatchWriteItemCommand) {
      for (const request of Object.values(command.input.RequestItems!).flat()) {
        const item = request.PutRequest?.Item;
        const key = item ?? request.DeleteRequest!.Key!;
        if (item) itemsOf(key).set(sortKeyOf(key), item);
        else itemsOf(key).delete(sortKeyOf(key));
      }
      return { UnprocessedItems: {} };
    }
    if (command instanceof QueryCommand) {
      return { Items: [...partition(command.input.ExpressionAttributeValues![':pk']!.S!).values()] };
    }
    throw new Error('not one of the commands the inventory sends');
  };
  return { send, destroy: () => undefined } as unknown as DynamoDBClient;
}
