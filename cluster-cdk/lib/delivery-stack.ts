import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { OidcProviderNative, PolicyStatement, Role, WebIdentityPrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import type { Profile } from './profile/profile.ts';

export interface DeliveryProps extends StackProps {
  readonly profile: Profile;
  /** owner/name */
  readonly repository: string;
  /** Environment of the repository whose jobs may deliver; its protection rules are the approval. */
  readonly environment: string;
}

/** Fixed, because clusters in both Regions admit the role. */
export const deliveryRoleName = (profile: Profile) => `onsale-${profile.name}-delivery`;

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
    const role = new Role(this, 'Delivery', {
      roleName: deliveryRoleName(profile),
      assumedBy: takenBy(`environment:${environment}`),
      // A first deployment of both Regions, with its databases and distributions, takes longer than an hour.
      maxSessionDuration: Duration.hours(3),
    });
    // A pull request sees what it would change, and can change nothing.
    const reader = new Role(this, 'Diff', {
      roleName: `onsale-${profile.name}-diff`,
      assumedBy: takenBy('pull_request'),
    });
    const lookups = `arn:aws:iam::${this.account}:role/cdk-*-lookup-role-*`;
    reader.addToPolicy(new PolicyStatement({ actions: ['sts:AssumeRole'], resources: [lookups] }));
    acknowledge(
      reader,
      'The CDK’s roles for reading, of every Region; their names hold the bootstrap’s qualifier.',
      `AwsSolutions-IAM5[Resource::${lookups.replace(this.account, '<AWS::AccountId>')}]`,
    );
    const allow = (actions: string[], resources: string[]) => {
      role.addToPolicy(new PolicyStatement({ actions, resources }));
      for (const resource of resources)
        acknowledge(
          role,
          'Bound to this profile’s names in both Regions; identifiers within them are chosen by AWS. ECR’s log-in and metric data know no resource.',
          `AwsSolutions-IAM5[Resource::${resource.replace(this.account, '<AWS::AccountId>')}]`,
        );
    };
    // The CDK's own roles deploy; this one may take them.
    allow(['sts:AssumeRole'], [`arn:aws:iam::${this.account}:role/cdk-*`]);
    allow(['ecr:GetAuthorizationToken', 'cloudwatch:GetMetricData'], ['*']);
    allow(
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
    allow(['eks:DescribeCluster'], [`arn:aws:eks:*:${this.account}:cluster/onsale-${profile.name}`]);
    allow(
      ['cloudformation:DescribeStacks'],
      [`arn:aws:cloudformation:*:${this.account}:stack/onsale-${profile.name}-*/*`],
    );
    allow(['cloudfront:CreateInvalidation'], [`arn:aws:cloudfront::${this.account}:distribution/*`]);
    allow(['s3:ListBucket'], [`arn:aws:s3:::onsale-${profile.name}-edge-page*`]);
    allow(['s3:PutObject', 's3:DeleteObject'], [`arn:aws:s3:::onsale-${profile.name}-edge-page*/*`]);
  }
}
