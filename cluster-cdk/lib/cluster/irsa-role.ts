import { Fn } from 'aws-cdk-lib';
import { type CfnRole, Role, WebIdentityPrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/** What the cluster's tokens are checked by. */
export interface ClusterIdentity {
  readonly providerArn: string;
  /** https:// address of the issuer. */
  readonly issuerUrl: string;
}

/**
 * A role that one service account takes, and no other. Fargate knows no Pod Identity. The condition's key holds the
 * cluster's issuer, which CloudFormation knows only when it deploys, and takes no function as a key; so the document is
 * text with the issuer substituted. (The CDK's own answer, CfnJson, is a Lambda function to do the same.)
 */
export function irsaRole(
  scope: Construct,
  identity: ClusterIdentity,
  namespace: string,
  account: string,
): Role {
  const role = new Role(scope, `Role-${account}`, {
    assumedBy: new WebIdentityPrincipal(identity.providerArn),
    description: `${namespace}/${account}`,
  });
  const document = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: '${Provider}' },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: {
          StringEquals: {
            '${Issuer}:aud': 'sts.amazonaws.com',
            '${Issuer}:sub': `system:serviceaccount:${namespace}:${account}`,
          },
        },
      },
    ],
  };
  (role.node.defaultChild as CfnRole).assumeRolePolicyDocument = Fn.sub(JSON.stringify(document), {
    Provider: identity.providerArn,
    Issuer: Fn.select(1, Fn.split('//', identity.issuerUrl)),
  });
  return role;
}
