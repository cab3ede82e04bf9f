import { RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnWorkspace } from 'aws-cdk-lib/aws-aps';
import { CfnAccessEntry } from 'aws-cdk-lib/aws-eks';
import {
  AccessPolicyArn,
  Addon,
  Cluster,
  ClusterLoggingTypes,
  DefaultCapacityType,
  EndpointAccess,
  KubernetesVersion,
} from 'aws-cdk-lib/aws-eks-v2';
import {
  ManagedPolicy,
  OidcProviderNative,
  type Role as IamRole,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { addOutputs } from './add-outputs.ts';
import { addonRoles } from './cluster/addon-roles.ts';
import { type AddonName, addonNames, addons } from './cluster/addons.ts';
import { workloadRoles } from './cluster/workload-roles.ts';
import type { DataStack } from './data-stack.ts';
import { deliveryRoleName, stacksRoleName } from './delivery-stack.ts';
import type { EntryStack } from './entry-stack.ts';
import type { NetworkStack } from './network-stack.ts';
import { alertManagerDefinition, createAlarmTopic } from './observe/alarm-topic.ts';
import type { Settings } from './profile/context.ts';
import { appNamespace, type Workload } from './workloads.ts';

export interface ClusterProps extends StackProps {
  readonly settings: Settings;
  readonly network: NetworkStack;
  readonly data: DataStack;
  readonly entry: EntryStack;
}

/** Kubernetes groups that people's roles are put in; charts bind them to what they may do. */
const editorsGroup = 'onsale:ticket-event-editors';
const performanceGroup = 'onsale:performance';

/** EKS with every pod on Fargate. Nothing in it must survive: stores and images stand in other stacks. */
export class ClusterStack extends Stack {
  readonly cluster: Cluster;
  readonly prometheus: CfnWorkspace;
  readonly alarmTopic: Topic;
  readonly podLogs: LogGroup;
  readonly roles: Readonly<Record<Workload, IamRole>>;
  readonly addonRoles: Readonly<Record<AddonName, IamRole>>;

  constructor(scope: Construct, id: string, { settings, network, data, entry, ...props }: ClusterProps) {
    super(scope, id, props);
    const { profile, clusterApiCidrs } = settings;
    const pods = { subnetGroupName: 'pods' };
    const clusterName = `onsale-${profile.name}`;
    // EKS would make it by itself, and keep what is in it for ever.
    const controlPlaneLogs = new LogGroup(this, 'ControlPlaneLogs', {
      logGroupName: `/aws/eks/${clusterName}/cluster`,
      retention: profile.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.cluster = new Cluster(this, 'Cluster', {
      clusterName,
      version: KubernetesVersion.V1_35,
      vpc: network.vpc,
      vpcSubnets: [pods],
      defaultCapacity: 0,
      defaultCapacityType: DefaultCapacityType.NODEGROUP,
      // No nodes: neither VPC CNI nor kube-proxy has a place to run.
      bootstrapSelfManagedAddons: false,
      bootstrapClusterCreatorAdminPermissions: false,
      endpointAccess: clusterApiCidrs
        ? EndpointAccess.PUBLIC_AND_PRIVATE.onlyFrom(...clusterApiCidrs.split(','))
        : EndpointAccess.PUBLIC_AND_PRIVATE,
      clusterLogging: [
        ClusterLoggingTypes.API,
        ClusterLoggingTypes.AUDIT,
        ClusterLoggingTypes.AUTHENTICATOR,
        ClusterLoggingTypes.CONTROLLER_MANAGER,
        ClusterLoggingTypes.SCHEDULER,
      ],
      secretsEncryptionKey: new Key(this, 'Key', {
        description: 'Kubernetes Secrets',
        enableKeyRotation: true,
        removalPolicy: profile.protectsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      }),
      outputConfigCommand: false,
    });
    this.cluster.node.defaultChild?.node.addDependency(controlPlaneLogs);
    acknowledge(
      this.cluster,
      'Delivery runs outside the network. Callers sign with IAM; clusterApiCidrs narrows the addresses.',
      'AwsSolutions-EKS1',
    );
    acknowledge(
      this.cluster,
      'The CDK writes this property; it still holds and has no successor in the construct.',
      'CloudFormation-Validate::W9009',
    );
    acknowledge(
      this,
      'Policies AWS maintains for EKS and Fargate.',
      ...['AmazonEKSClusterPolicy', 'AmazonEKSFargatePodExecutionRolePolicy'].map(
        (name) => `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${name}]`,
      ),
    );

    this.podLogs = new LogGroup(this, 'PodLogs', {
      retention: profile.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const executionRole = new Role(this, 'PodExecution', {
      // For pods of this cluster, not of another that names the role.
      assumedBy: new ServicePrincipal('eks-fargate-pods.amazonaws.com', {
        conditions: {
          ArnLike: {
            'aws:SourceArn': `arn:aws:eks:${this.region}:${this.account}:fargateprofile/${clusterName}/*`,
          },
        },
      }),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('AmazonEKSFargatePodExecutionRolePolicy')],
    });
    this.podLogs.grantWrite(executionRole);
    // One profile over all subnets: of several that match a pod, Fargate takes one at random. Selectors: five at most.
    const profileNamespaces = [
      appNamespace,
      'kube-system',
      ...new Set(
        addonNames.map((name): string => addons[name].namespace).filter((ns) => ns !== 'kube-system'),
      ),
    ];
    this.cluster.addFargateProfile('Pods', {
      fargateProfileName: 'pods',
      vpc: network.vpc,
      podExecutionRole: executionRole,
      subnetSelection: pods,
      selectors: profileNamespaces.map((namespace) => ({ namespace })),
    });
    new Addon(this, 'CoreDns', {
      cluster: this.cluster,
      addonName: 'coredns',
      configurationValues: { computeType: 'Fargate', replicaCount: profile.zones },
    });
    new Addon(this, 'MetricsServer', { cluster: this.cluster, addonName: 'metrics-server' });

    this.alarmTopic = createAlarmTopic(this, settings);
    this.prometheus = new CfnWorkspace(this, 'Prometheus', {
      alias: `onsale-${profile.name}`,
      alertManagerDefinition: alertManagerDefinition(this.alarmTopic),
    });
    const issuerUrl = this.cluster.clusterOpenIdConnectIssuerUrl;
    const identity = {
      issuerUrl,
      providerArn: new OidcProviderNative(this, 'Identity', {
        url: issuerUrl,
        clientIds: ['sts.amazonaws.com'],
      }).oidcProviderArn,
    };
    this.roles = workloadRoles(this, identity, data, entry);
    this.addonRoles = addonRoles(this, identity, data, entry, this.prometheus);

    const viewPolicy = {
      policyArn: AccessPolicyArn.AMAZON_EKS_VIEW_POLICY.policyArn,
      accessScope: { type: 'namespace', namespaces: [appNamespace] },
    };
    const entryFor = (name: string, principalArn: string, groups: string[], policies: object[]) =>
      new CfnAccessEntry(this, name, {
        clusterName: this.cluster.clusterName,
        principalArn,
        kubernetesGroups: groups,
        accessPolicies: policies as CfnAccessEntry.AccessPolicyProperty[],
      });
    // Add-ons and the operator's chart both bring kinds, cluster roles and admission policies: nothing less may make those.
    const admin = {
      policyArn: AccessPolicyArn.AMAZON_EKS_CLUSTER_ADMIN_POLICY.policyArn,
      accessScope: { type: 'cluster' },
    };
    if (settings.githubRepository)
      for (const [name, role] of [
        ['Delivery', deliveryRoleName(profile)],
        ['Stacks', stacksRoleName(profile)],
      ] as const)
        entryFor(name, `arn:aws:iam::${this.account}:role/${role}`, [], [admin]);
    if (settings.operatorRoleArn)
      entryFor('SaleOperators', settings.operatorRoleArn, [editorsGroup], [viewPolicy]);
    if (settings.performanceRoleArn)
      entryFor('PerformanceTeam', settings.performanceRoleArn, [performanceGroup], [viewPolicy]);

    addOutputs(this, 'cluster', {
      ClusterName: this.cluster.clusterName,
      ClusterSecurityGroup: this.cluster.clusterSecurityGroupId,
      PodLogGroup: this.podLogs.logGroupName,
      AlarmTopicArn: this.alarmTopic.topicArn,
      PrometheusWorkspaceId: this.prometheus.attrWorkspaceId,
      PublicApiRoleArn: this.roles['public-api'].roleArn,
      ConfirmApiRoleArn: this.roles['confirm-api'].roleArn,
      ConfirmWorkerRoleArn: this.roles['confirm-worker'].roleArn,
      TicketEventOperatorRoleArn: this.roles['ticket-event-operator'].roleArn,
      LoadBalancerControllerRoleArn: this.addonRoles.loadBalancerController.roleArn,
      ExternalSecretsRoleArn: this.addonRoles.externalSecrets.roleArn,
      KedaRoleArn: this.addonRoles.keda.roleArn,
      PrometheusAdapterRoleArn: this.addonRoles.prometheusAdapter.roleArn,
      CollectorRoleArn: this.addonRoles.collector.roleArn,
    });
  }
}
