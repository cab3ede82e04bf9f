import { ArnFormat, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnLoggingConfiguration, CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';
import type { Profile } from './profile/profile.ts';

/** Where the payment provider sends its events; contracts has it, and a test compares. */
const callbackPath = '/confirm/payment-callback';

const visible = (metricName: string) => ({
  cloudWatchMetricsEnabled: true,
  metricName,
  sampledRequestsEnabled: true,
});

const isCallback = {
  byteMatchStatement: {
    fieldToMatch: { uriPath: {} },
    positionalConstraint: 'EXACTLY',
    searchString: callbackPath,
    textTransformations: [{ priority: 0, type: 'NONE' }],
  },
};

/** Refuses an address for a minute, in the shape of the services' own answers. */
const rateRule = (name: string, priority: number, limit: number, scopeDownStatement: object) => ({
  name,
  priority,
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
    rateBasedStatement: { limit, aggregateKeyType: 'IP', evaluationWindowSec: 300, scopeDownStatement },
  },
  visibilityConfig: visible(name),
});

const managedRule = (name: string, priority: number, group: string) => ({
  name,
  priority,
  overrideAction: { none: {} },
  statement: { managedRuleGroupStatement: { vendorName: 'AWS', name: group } },
  visibilityConfig: visible(name),
});

/** The firewall in front of CloudFront; AWS wants it in us-east-1. */
export class FirewallStack extends Stack {
  readonly webAclArn: string;

  constructor(scope: Construct, id: string, { profile, ...props }: StackProps & { profile: Profile }) {
    super(scope, id, props);
    const acl = new CfnWebACL(this, 'WebAcl', {
      scope: 'CLOUDFRONT',
      defaultAction: { allow: {} },
      visibilityConfig: visible('onsale'),
      customResponseBodies: {
        throttled: {
          contentType: 'APPLICATION_JSON',
          content: '{"error":"throttled","message":"Too many requests from this address"}',
        },
      },
      rules: [
        rateRule('requests-per-address', 0, profile.requestsPerAddress, {
          notStatement: { statement: isCallback },
        }),
        // A provider sends all captures of a sale from a few addresses: a buyer's limit would hold them up.
        rateRule('callbacks-per-address', 1, profile.callbacksPerAddress, isCallback),
        managedRule('known-bad-addresses', 2, 'AWSManagedRulesAmazonIpReputationList'),
        managedRule('known-bad-inputs', 3, 'AWSManagedRulesKnownBadInputsRuleSet'),
      ],
    });
    this.webAclArn = acl.attrArn;

    // What was refused, and why: everything else is in the access logs. WAF takes groups of this prefix alone.
    const refusals = new LogGroup(this, 'Refusals', {
      logGroupName: `aws-waf-logs-onsale-${profile.name}`,
      retention: profile.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new CfnLoggingConfiguration(this, 'Logging', {
      resourceArn: acl.attrArn,
      // Without the ":*" that CloudFormation puts at the end of a group's ARN.
      logDestinationConfigs: [
        this.formatArn({
          service: 'logs',
          resource: 'log-group',
          resourceName: refusals.logGroupName,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ],
      loggingFilter: {
        DefaultBehavior: 'DROP',
        Filters: [
          {
            Behavior: 'KEEP',
            Requirement: 'MEETS_ANY',
            Conditions: [{ ActionCondition: { Action: 'BLOCK' } }],
          },
        ],
      },
      redactedFields: ['authorization', 'x-room-token'].map((name) => ({ singleHeader: { Name: name } })),
    });
  }
}
