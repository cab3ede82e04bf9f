import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Profile } from '../profile/profile.ts';

/** The worker's own default for VISIBILITY_TIMEOUT_SEC; it extends it while it works. */
const visibilitySeconds = 60;

/** The commits, in order for each intent, and where poison ends. */
export class CommitQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, profile: Profile, encryptionMasterKey: IKey) {
    super(scope, id);
    const common = {
      fifo: true,
      // High throughput: order and deduplication hold within a message group, so partitions can share the load.
      deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
      fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
      encryption: QueueEncryption.KMS,
      encryptionMasterKey,
      // One call to KMS in this time instead of one for each batch.
      dataKeyReuse: Duration.hours(1),
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: profile.protectsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    };
    this.deadLetters = new Queue(this, 'DeadLetters', common);
    this.queue = new Queue(this, 'Commits', {
      ...common,
      visibilityTimeout: Duration.seconds(visibilitySeconds),
      receiveMessageWaitTime: Duration.seconds(20),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: 5 },
    });
  }
}
