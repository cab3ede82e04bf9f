import { RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import {
  FlowLogDestination,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { addOutputs } from './add-outputs.ts';
import type { Profile } from './profile/profile.ts';
import type { RegionFacts } from './profile/region.ts';
import { apis, internalPort, publicPort, type Service } from './workloads.ts';

export interface NetworkProps extends StackProps {
  readonly profile: Profile;
  readonly region: RegionFacts;
}

/** What pods call, where no NAT gateway leads out. */
const endpoints = {
  EcrApi: InterfaceVpcEndpointAwsService.ECR,
  EcrDocker: InterfaceVpcEndpointAwsService.ECR_DOCKER,
  Sts: InterfaceVpcEndpointAwsService.STS,
  Sqs: InterfaceVpcEndpointAwsService.SQS,
  Logs: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
  Secrets: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
  Elb: InterfaceVpcEndpointAwsService.ELASTIC_LOAD_BALANCING,
  Ec2: InterfaceVpcEndpointAwsService.EC2,
  Rds: InterfaceVpcEndpointAwsService.RDS,
  Kms: InterfaceVpcEndpointAwsService.KMS,
  Prometheus: InterfaceVpcEndpointAwsService.PROMETHEUS_WORKSPACES,
} as const;

/** Three tiers of subnets, and the security groups of pods, which stores and cluster both name. */
export class NetworkStack extends Stack {
  readonly vpc: Vpc;
  readonly loadBalancerGroup: SecurityGroup;
  readonly serviceGroups: Readonly<Record<Service, SecurityGroup>>;

  constructor(scope: Construct, id: string, { profile, region, ...props }: NetworkProps) {
    super(scope, id, props);
    this.vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr(region.cidr),
      availabilityZones: region.zones.slice(0, profile.zones),
      natGateways: profile.natGateways,
      // The default group stays unused; emptying it takes a Lambda function with more rights than it removes.
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        { name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
        {
          // One address a pod: 8,187 in each zone.
          name: 'pods',
          subnetType: profile.natGateways > 0 ? SubnetType.PRIVATE_WITH_EGRESS : SubnetType.PRIVATE_ISOLATED,
          cidrMask: 19,
        },
        { name: 'data', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
      ],
      gatewayEndpoints: {
        S3: { service: GatewayVpcEndpointAwsService.S3 },
        DynamoDb: { service: GatewayVpcEndpointAwsService.DYNAMODB },
      },
    });
    this.vpc.addFlowLog('FlowLog', {
      destination: FlowLogDestination.toCloudWatchLogs(
        new LogGroup(this, 'FlowLogs', {
          retention: profile.logRetentionDays,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
        new Role(this, 'FlowLogWriter', {
          // Not on behalf of another account that names this role.
          assumedBy: new ServicePrincipal('vpc-flow-logs.amazonaws.com', {
            conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
          }),
        }),
      ),
    });

    const group = (name: string, description: string, allowAllOutbound: boolean) =>
      new SecurityGroup(this, name, { vpc: this.vpc, description, allowAllOutbound });

    this.loadBalancerGroup = group(
      'LoadBalancer',
      'Internal load balancer, reached by CloudFront alone',
      false,
    );
    // Pods reach AWS's own endpoints and the payment provider, whose addresses change. Narrowing this would narrow nothing:
    // Fargate has every pod carry the cluster's group too, which lets everything out.
    this.serviceGroups = {
      'public-api': group('PublicApi', 'Pods of public-api', true),
      'confirm-api': group('ConfirmApi', 'Pods of confirm-api', true),
      'confirm-worker': group('ConfirmWorker', 'Pods of confirm-worker', true),
    };

    this.loadBalancerGroup.addIngressRule(
      Peer.prefixList(region.cloudFrontPrefixList),
      Port.tcp(80),
      'CloudFront VPC origin',
    );
    for (const api of apis) {
      this.loadBalancerGroup.connections.allowTo(this.serviceGroups[api], Port.tcp(publicPort), `To ${api}`);
      this.loadBalancerGroup.connections.allowTo(
        this.serviceGroups[api],
        Port.tcp(internalPort),
        `Health checks of ${api}`,
      );
    }

    if (profile.natGateways === 0) {
      // By network: add-ons' pods have the cluster's group alone, which is made long after this stack.
      const endpointGroup = group('Endpoints', 'Interface endpoints, reached from the network', false);
      endpointGroup.addIngressRule(Peer.ipv4(region.cidr), Port.tcp(443), 'From the network');
      for (const [name, service] of Object.entries(endpoints)) {
        this.vpc.addInterfaceEndpoint(name, {
          service,
          subnets: { subnetGroupName: 'pods', availabilityZones: [region.zones[0]!] },
          securityGroups: [endpointGroup],
          open: false,
        });
      }
    }

    addOutputs(this, 'network', {
      Region: region.name,
      VpcId: this.vpc.vpcId,
      PodSubnetIds: this.vpc.selectSubnets({ subnetGroupName: 'pods' }).subnetIds.join(','),
      PublicApiSecurityGroup: this.serviceGroups['public-api'].securityGroupId,
      ConfirmApiSecurityGroup: this.serviceGroups['confirm-api'].securityGroupId,
      ConfirmWorkerSecurityGroup: this.serviceGroups['confirm-worker'].securityGroupId,
    });
  }
}
