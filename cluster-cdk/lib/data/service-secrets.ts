import { RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import type { Profile } from '../profile/profile.ts';
import type { Workload } from '../workloads.ts';

/** Secrets the services share with themselves or with outsiders, and who reads each, by the setting it becomes. */
export const secretReaders = {
  ROOM_TOKEN_KEYS: ['public-api'],
  TICKET_KEYS: ['public-api', 'confirm-api'],
  ADMIN_TOKEN: ['public-api', 'confirm-api', 'confirm-worker', 'ticket-event-operator'],
  PAYMENT_WEBHOOK_SECRETS: ['confirm-api'],
  PAYMENT_PROVIDER_KEY: ['confirm-api', 'confirm-worker'],
} as const satisfies Record<string, readonly Workload[]>;

export type ServiceSecretName = keyof typeof secretReaders;
/** All of them. */
export const serviceSecretNames = Object.keys(secretReaders) as ServiceSecretName[];

/** Made at random on the first deployment; what a partner dictates is put in afterwards. */
export class ServiceSecrets extends Construct {
  readonly byName: Readonly<Record<ServiceSecretName, Secret>>;

  constructor(scope: Construct, id: string, profile: Profile, key: IKey) {
    super(scope, id);
    const secret = (name: ServiceSecretName) =>
      new Secret(this, name, {
        description: name,
        // A lost key of room tokens would send everybody waiting to the end of the queue.
        removalPolicy: profile.protectsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
        encryptionKey: key,
        generateSecretString: { passwordLength: 64, excludePunctuation: true },
      });
    this.byName = {
      ROOM_TOKEN_KEYS: secret('ROOM_TOKEN_KEYS'),
      TICKET_KEYS: secret('TICKET_KEYS'),
      ADMIN_TOKEN: secret('ADMIN_TOKEN'),
      PAYMENT_WEBHOOK_SECRETS: secret('PAYMENT_WEBHOOK_SECRETS'),
      PAYMENT_PROVIDER_KEY: secret('PAYMENT_PROVIDER_KEY'),
    };
    acknowledge(
      this,
      'Both sides must change together, so the runbook rotates them: keys and webhook secrets are lists whose old entry stays valid meanwhile.',
      'AwsSolutions-SMG4',
    );
  }
}
