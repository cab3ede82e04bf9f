import { PurgeQueueCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import t from 'tap';
import { redrive } from './redrive.ts';
import { startTestBed } from './test-bed.ts';

const bed = await startTestBed(t);
const { sqs, queue, orders } = bed;
const options = { sqs, ...queue };
let sent = 0;

const putAway = (body: string, group: string, reason?: string) =>
  sqs.send(
    new SendMessageCommand({
      QueueUrl: queue.dlqUrl,
      MessageBody: body,
      MessageGroupId: group,
      MessageDeduplicationId: String(sent++),
      ...(reason ? { MessageAttributes: { reason: { DataType: 'String', StringValue: reason } } } : {}),
    }),
  );

async function paidCommit() {
  const buyer = bed.buyer();
  const seatIds = bed.freeSeats(1);
  buyer.hold(seatIds);
  const { intentId, amountMinor } = await buyer.intent(seatIds);
  const message = buyer.commitMessage(intentId, seatIds);
  await orders.commits.accept(message);
  await buyer.capture(intentId, amountMinor);
  await orders.drain();
  return { buyer, message, intentId };
}

t.test('commits go back and are settled; poison stays; a dry run and a filter change nothing', async (t) => {
  const mine = await paidCommit();
  const others = await paidCommit();
  // The queue has put both away after too many deliveries.
  for (const { message, intentId } of [mine, others]) await putAway(JSON.stringify(message), intentId);
  await putAway('not even JSON', 'broken', 'not_json');
  await sqs.send(new PurgeQueueCommand({ QueueUrl: queue.queueUrl }));

  const onlyMine = { ...options, filter: ({ body }: { body: string }) => body.includes(mine.intentId) };
  const dry = await redrive({ ...onlyMine, dryRun: true });
  t.match(dry, { redriven: 1, filtered: 1, poison: 1 });
  t.match(
    dry.messages.find(({ outcome }) => outcome === 'poison'),
    { reason: 'not_json', intentId: undefined },
  );
  t.notMatch(JSON.stringify(dry), mine.buyer.userId, 'the report names no buyer');
  t.same(await bed.receive(), [], 'a dry run sends nothing');

  t.match(await redrive(onlyMine), { redriven: 1, filtered: 1, poison: 1 });
  t.match(await redrive(onlyMine), { redriven: 0, filtered: 1, poison: 1 }, 'and only once');
  await bed.workOff();
  t.match(await mine.buyer.status(mine.message.idem), { order: { status: 'CONFIRMED' } });
  t.match(await others.buyer.status(others.message.idem), { order: { status: 'PROCESSING' } });

  t.match(await redrive(options), { redriven: 1, filtered: 0, poison: 1 });
  await bed.workOff();
  t.match(await others.buyer.status(others.message.idem), { order: { status: 'CONFIRMED' } });
});

t.test('the limit is kept, and the rest is found by the next run', async (t) => {
  for (let index = 0; index < 12; index++) {
    await putAway(JSON.stringify(bed.buyer().commitMessage(`pi_limit-${index}`, ['R1C1'])), `limit-${index}`);
  }
  t.match(await redrive({ ...options, limit: 5 }), { redriven: 5 });
  t.match(await redrive({ ...options, limit: 100 }), { redriven: 7, poison: 1 });
});

t.test('one that comes back to the DLQ can be redriven again, though the queue remembers it', async (t) => {
  await bed.workOff();
  const message = JSON.stringify(bed.buyer().commitMessage('pi_again', ['R1C1']));
  for (let time = 0; time < 2; time++) {
    await putAway(message, 'pi_again');
    t.match(await redrive(options), { redriven: 1 });
    t.equal((await bed.work()).length, 1);
  }
});
