import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { Profile } from '../profile/profile.ts';

/** Lock items. Keys and TTL attribute are those of services/inventory/lock-table.ts; a test compares them. */
export function createLockTable(scope: Construct, profile: Profile, encryptionKey: IKey): Table {
  return new Table(scope, 'LockTable', {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    sortKey: { name: 'sk', type: AttributeType.STRING },
    timeToLiveAttribute: 'ttl',
    billingMode: BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    encryption: TableEncryption.CUSTOMER_MANAGED,
    encryptionKey,
    deletionProtection: profile.protectsData,
    removalPolicy: profile.protectsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
}
