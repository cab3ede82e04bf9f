import { Stack, type StackProps } from 'aws-cdk-lib';
import { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';
import type { Profile } from './profile/profile.ts';

/** The firewall in front of CloudFront; AWS wants it in us-east-1. */
export class FirewallStack extends Stack {
  readonly webAclArn: string;

  constructor(scope: Construct, id: string, { profile, ...props }: StackProps & { profile: Profile }) {
    super(scope, id, props);
    const visible = (metricName: string) => ({
      cloudWatchMetricsEnabled: true,
      metricName,
      sampledRequestsEnabled: true,
    });
    const acl = new CfnWebACL(this, 'WebAcl', {
      scope: 'CLOUDFRONT',
      defaultAction: { allow: {} },
      visibilityConfig: visible('onsale'),
      // A refusal a client can wait out, in the shape of the services' own answers.
      customResponseBodies: {
        throttled: {
          contentType: 'APPLICATION_JSON',
          content: '{"error":"throttled","message":"Too many requests from this address"}',
        },
      },
      rules: [
        {
          name: 'requests-per-address',
          priority: 0,
          action: {
            block: {
              customResponse: {
                responseCode: 429,
                customResponseBodyKey: 'throttled',
                responseHeaders: [{ name: 'Retry-After', value: '60' }],
              },
            },
          },
          statement: {
            rateBasedStatement: {
              limit: profile.requestsPerAddress,
              aggregateKeyType: 'IP',
              evaluationWindowSec: 300,
            },
          },
          visibilityConfig: visible('requests-per-address'),
        },
        {
          name: 'known-bad-addresses',
          priority: 1,
          overrideAction: { none: {} },
          statement: {
            managedRuleGroupStatement: { vendorName: 'AWS', name: 'AWSManagedRulesAmazonIpReputationList' },
          },
          visibilityConfig: visible('known-bad-addresses'),
        },
        {
          name: 'known-bad-inputs',
          priority: 2,
          overrideAction: { none: {} },
          statement: {
            managedRuleGroupStatement: { vendorName: 'AWS', name: 'AWSManagedRulesKnownBadInputsRuleSet' },
          },
          visibilityConfig: visible('known-bad-inputs'),
        },
      ],
    });
    this.webAclArn = acl.attrArn;
  }
}
