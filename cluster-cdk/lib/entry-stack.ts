import { Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import {
  ApplicationLoadBalancer,
  ApplicationProtocol,
  ApplicationTargetGroup,
  ListenerAction,
  ListenerCondition,
  TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { addOutputs } from './add-outputs.ts';
import type { NetworkStack } from './network-stack.ts';
import type { Profile } from './profile/profile.ts';
import { type Api, apis, internalPort, publicPort } from './workloads.ts';

export interface EntryProps extends StackProps {
  readonly profile: Profile;
  readonly network: NetworkStack;
}

/** What each service answers; everything else is 404. */
const pathsOf: Readonly<Record<Api, readonly string[]>> = {
  'public-api': ['/public/*', '/api/health', '/api/events', '/api/events/*', '/api/docs*'],
  'confirm-api': ['/confirm/*', '/api/reservations', '/api/reservations/*'],
};

/**
 * The internal load balancer and its target groups. They belong here and not to an Ingress: the controller would take back
 * the capacity that the operator reserves for an opening. Charts bind their pods to the target groups.
 */
export class EntryStack extends Stack {
  readonly loadBalancer: ApplicationLoadBalancer;
  readonly targetGroups: Readonly<Record<Api, ApplicationTargetGroup>>;
  /** Access logs of load balancer, page and CloudFront. */
  readonly logs: Bucket;

  constructor(scope: Construct, id: string, { profile, network, ...props }: EntryProps) {
    super(scope, id, props);
    this.logs = new Bucket(this, 'Logs', {
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      // CloudFront delivers by an access control list.
      objectOwnership: ObjectOwnership.BUCKET_OWNER_PREFERRED,
      lifecycleRules: [{ expiration: Duration.days(profile.logRetentionDays) }],
      removalPolicy: profile.protectsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    acknowledge(
      this.logs,
      'A bucket of access logs that logged its own accesses would never rest.',
      'AwsSolutions-S1',
    );

    this.loadBalancer = new ApplicationLoadBalancer(this, 'LoadBalancer', {
      vpc: network.vpc,
      vpcSubnets: { subnetGroupName: 'pods' },
      internetFacing: false,
      securityGroup: network.loadBalancerGroup,
      deletionProtection: profile.protectsData,
      dropInvalidHeaderFields: true,
      // Services keep idle connections 75 s, longer than this, so a reused connection is never just closing.
      idleTimeout: Duration.seconds(60),
    });
    this.loadBalancer.logAccessLogs(this.logs, 'load-balancer');
    const listener = this.loadBalancer.addListener('Http', {
      port: 80,
      protocol: ApplicationProtocol.HTTP,
      open: false,
      defaultAction: ListenerAction.fixedResponse(404, {
        contentType: 'application/json',
        messageBody: '{"error":"not_found","message":"No such path"}',
      }),
    });
    this.targetGroups = Object.fromEntries(
      apis.map((api) => [
        api,
        new ApplicationTargetGroup(this, api, {
          vpc: network.vpc,
          targetType: TargetType.IP,
          port: publicPort,
          protocol: ApplicationProtocol.HTTP,
          deregistrationDelay: Duration.seconds(30),
          healthCheck: {
            port: String(internalPort),
            path: '/readyz',
            healthyHttpCodes: '200',
            interval: Duration.seconds(5),
            timeout: Duration.seconds(3),
            healthyThresholdCount: 2,
            unhealthyThresholdCount: 3,
          },
        }),
      ]),
    ) as Record<Api, ApplicationTargetGroup>;
    let priority = 10;
    for (const api of apis) {
      // A rule takes at most five conditions' values.
      const paths = pathsOf[api];
      listener.addAction(`To-${api}`, {
        priority,
        conditions: [ListenerCondition.pathPatterns([...paths])],
        action: ListenerAction.forward([this.targetGroups[api]]),
      });
      priority += 10;
    }
    addOutputs(this, 'entry', {
      LoadBalancerArn: this.loadBalancer.loadBalancerArn,
      PublicApiTargetGroupArn: this.targetGroups['public-api'].targetGroupArn,
      ConfirmApiTargetGroupArn: this.targetGroups['confirm-api'].targetGroupArn,
    });
  }
}
