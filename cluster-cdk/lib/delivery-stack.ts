import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { OidcProviderNative, PolicyStatement, Role, WebIdentityPrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import type { Profile } from './profile/profile.ts';

export interface DeliveryProps extends StackProps {
  readonly profile: Profile;
  /** owner/name */
  readonly repository: string;
  /**
   * Environment of the repository whose jobs may deliver versions; `<environment>-stacks` is the one whose jobs may change
   * the cloud. Their protection rules are the approval.
   */
  readonly environment: string;
}

/** Fixed, because clusters in both Regions admit the roles. */
export const deliveryRoleName = (profile: Profile) => `onsale-${profile.name}-delivery`;
export const stacksRoleName = (profile: Profile) => `onsale-${profile.name}-stacks`;

/** The roles that workflows of the repository take by OpenID Connect; no key is stored anywhere. */
export class DeliveryStack extends Stack {
  constructor(scope: Construct, id: string, { profile, repository, environment, ...props }: DeliveryProps) {
    super(scope, id, props);
    const issuer = 'token.actions.githubusercontent.com';
    const provider = new OidcProviderNative(this, 'GitHub', {
      url: `https://${issuer}`,
      clientIds: ['sts.amazonaws.com'],
    });
    const takenBy = (subject: string) =>
      new WebIdentityPrincipal(provider.oidcProviderArn, {
        StringEquals: {
          [`${issuer}:aud`]: 'sts.amazonaws.com',
          [`${issuer}:sub`]: `repo:${repository}:${subject}`,
        },
      });
    const allow = (role: Role, actions: string[], resources: string[], conditions?: Conditions) => {
      role.addToPolicy(new PolicyStatement({ actions, resources, ...(conditions && { conditions }) }));
      for (const resource of resources)
        acknowledge(
          role,
          'Bound to this profile’s names in both Regions; identifiers within them are chosen by AWS and the CDK. ECR’s log-in knows no resource.',
          `AwsSolutions-IAM5[Resource::${resource.replace(this.account, '<AWS::AccountId>')}]`,
        );
    };
    // The CDK's own roles do the work. CloudFormation's, which may do everything, can be taken by CloudFormation alone.
    const cdkRoles = (...purposes: string[]) =>
      purposes.map((purpose) => `arn:aws:iam::${this.account}:role/cdk-*-${purpose}-role-*`);
    const allowLooks = (role: Role) => {
      allow(role, ['eks:DescribeCluster'], [`arn:aws:eks:*:${this.account}:cluster/onsale-${profile.name}`]);
      allow(
        role,
        ['cloudformation:DescribeStacks'],
        [`arn:aws:cloudformation:*:${this.account}:stack/onsale-${profile.name}-*/*`],
      );
    };

    const stacks = new Role(this, 'Stacks', {
      roleName: stacksRoleName(profile),
      assumedBy: takenBy(`environment:${environment}-stacks`),
      // A first deployment of both Regions, with its databases and distributions, takes longer than an hour.
      maxSessionDuration: Duration.hours(3),
    });
    allow(stacks, ['sts:AssumeRole'], cdkRoles('deploy', 'file-publishing', 'lookup'));
    allowLooks(stacks);

    const delivery = new Role(this, 'Delivery', {
      roleName: deliveryRoleName(profile),
      assumedBy: takenBy(`environment:${environment}`),
      // Images, five minutes of canary for each API, and the same in the second Region.
      maxSessionDuration: Duration.hours(3),
    });
    allowLooks(delivery);
    allow(delivery, ['ecr:GetAuthorizationToken'], ['*']);
    allow(
      delivery,
      [
        'ecr:BatchCheckLayerAvailability',
        'ecr:BatchGetImage',
        'ecr:CompleteLayerUpload',
        'ecr:DescribeImages',
        'ecr:DescribeImageScanFindings',
        'ecr:GetDownloadUrlForLayer',
        'ecr:InitiateLayerUpload',
        'ecr:PutImage',
        'ecr:UploadLayerPart',
      ],
      [`arn:aws:ecr:*:${this.account}:repository/onsale/${profile.name}/*`],
    );
    allow(
      delivery,
      ['cloudfront:CreateInvalidation'],
      [`arn:aws:cloudfront::${this.account}:distribution/*`],
      {
        StringEquals: { 'aws:ResourceTag/onsale:profile': profile.name },
      },
    );
    // A bucket's ARN holds no account: one of this name in another would be written to as well.
    const ownAccount = { StringEquals: { 'aws:ResourceAccount': this.account } };
    const page = `arn:aws:s3:::onsale-${profile.name}-edge-page*`;
    allow(delivery, ['s3:ListBucket'], [page], ownAccount);
    allow(delivery, ['s3:PutObject'], [`${page}/*`], ownAccount);

    // A pull request sees what it would change on staging, and can change nothing.
    if (profile.name === 'staging') {
      const diff = new Role(this, 'Diff', {
        roleName: `onsale-${profile.name}-diff`,
        assumedBy: takenBy('pull_request'),
      });
      allow(diff, ['sts:AssumeRole'], cdkRoles('lookup'));
    }
  }
}

type Conditions = Readonly<Record<string, Readonly<Record<string, string>>>>;
