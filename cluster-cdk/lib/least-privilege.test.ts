// Reads the committed templates, line by line for what a reviewer of rights would look for.
import { readFileSync } from 'node:fs';
import t from 'tap';
import { properties, resources } from './golden-fixture.ts';
import { type ProfileName, profiles } from './profile/profile.ts';

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Principal?: { readonly Service?: string | readonly string[] };
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
const names = Object.values(profiles).map(({ name }) => name);
const list = <T>(value: T | readonly T[]): readonly T[] => [value].flat() as T[];

/** Every statement that gives a role of the profile a right. */
const rights = (profile: ProfileName): Statement[] => [
  ...properties(profile, 'AWS::IAM::Policy').flatMap(({ PolicyDocument }) => PolicyDocument.Statement),
  ...properties(profile, 'AWS::IAM::Role').flatMap(({ Policies = [] }) =>
    Policies.flatMap(({ PolicyDocument }: any) => PolicyDocument.Statement),
  ),
];

t.test('no right holds a wildcard action, and what is bound to no resource only looks', async (t) => {
  const unbound = new Set<string>();
  for (const name of names)
    for (const { Action, Resource } of rights(name)) {
      for (const action of list(Action)) t.notMatch(action, /\*/, `${name}: ${action}`);
      if (list(Resource).includes('*')) for (const action of list(Action)) unbound.add(action);
    }
  const looks = /:(Describe|Get)\w+$/;
  t.same([...unbound].filter((action) => !looks.test(action)).sort(), [
    'xray:PutTelemetryRecords',
    'xray:PutTraceSegments',
  ]);
});

t.test('the key of the stores is used through them, by nobody directly', async (t) => {
  for (const name of names) {
    const uses = rights(name).filter(({ Action }) =>
      list(Action).some((action) => action.startsWith('kms:')),
    );
    t.ok(uses.length >= 4);
    for (const { Condition } of uses) t.ok(Condition?.['StringEquals']?.['kms:ViaService'], name);
  }
});

t.test('services of AWS take a role, and write to a topic, for this account alone', async (t) => {
  // These two act for whoever owns what they run, which is the stack that made the role.
  const ownWork = ['lambda.amazonaws.com', 'eks.amazonaws.com'];
  const isBound = ({ Condition = {} }: Statement) =>
    Object.values(Condition).some((one) => 'aws:SourceAccount' in one || 'aws:SourceArn' in one);
  for (const name of names) {
    const trusts = properties(name, 'AWS::IAM::Role').flatMap(
      ({ AssumeRolePolicyDocument: { Statement = [] } }): Statement[] => Statement,
    );
    const policies = [
      ...properties(name, 'AWS::SNS::TopicPolicy').map(({ PolicyDocument }) => PolicyDocument),
      ...properties(name, 'AWS::KMS::Key').map(({ KeyPolicy }) => KeyPolicy),
    ].flatMap(({ Statement }): Statement[] => Statement);
    const given = [...trusts, ...policies].filter(
      ({ Effect, Principal }) =>
        Effect === 'Allow' && list(Principal?.Service ?? []).some((service) => !ownWork.includes(service)),
    );
    t.equal(given.length, 4, 'flow logs, Fargate, the alarms’ topic and its key');
    for (const statement of given) t.ok(isBound(statement), `${name} ${JSON.stringify(statement.Principal)}`);
  }
});

t.test('workflows take a role by repository and environment, and each has its own work', async (t) => {
  const issuer = 'token.actions.githubusercontent.com';
  const rolesOf = (profile: ProfileName) =>
    properties(profile, 'AWS::IAM::Role')
      .filter(({ RoleName }) => RoleName !== undefined)
      .map(({ RoleName, AssumeRolePolicyDocument: { Statement } }) => {
        const { [`${issuer}:aud`]: audience, [`${issuer}:sub`]: subject } =
          Statement[0].Condition.StringEquals;
        t.equal(audience, 'sts.amazonaws.com');
        return [RoleName, subject];
      })
      .sort();
  t.same(rolesOf('production'), [
    ['onsale-production-delivery', 'repo:example/onsale:environment:production'],
    ['onsale-production-stacks', 'repo:example/onsale:environment:production-stacks'],
  ]);
  t.same(rolesOf('staging').at(1), ['onsale-staging-diff', 'repo:example/onsale:pull_request']);
  const actionsOf = (profile: ProfileName, role: string) =>
    properties(profile, 'AWS::IAM::Policy')
      .filter(({ PolicyName }) => PolicyName.startsWith(`${role}DefaultPolicy`))
      .flatMap(({ PolicyDocument }): Statement[] => PolicyDocument.Statement);
  t.notOk(
    actionsOf('production', 'Delivery').some(({ Action }) => list(Action).includes('sts:AssumeRole')),
    'who delivers a version cannot change the cloud',
  );
  const [look, ...more] = actionsOf('staging', 'Diff');
  t.equal(more.length, 0);
  t.match(JSON.stringify(look), /"sts:AssumeRole".*role\/cdk-\*-lookup-role-\*/);
});

t.test('people see their namespace; the cluster belongs to the workflows', async (t) => {
  for (const { AccessPolicies, PrincipalArn } of properties('production', 'AWS::EKS::AccessEntry')) {
    const [{ AccessScope, PolicyArn }] = AccessPolicies;
    const isWorkflow = /role\/onsale-production-(delivery|stacks)/.test(JSON.stringify(PrincipalArn));
    t.equal(AccessScope.Type, isWorkflow ? 'cluster' : 'namespace');
    t.match(JSON.stringify(PolicyArn), isWorkflow ? 'AmazonEKSClusterAdminPolicy' : 'AmazonEKSViewPolicy');
    if (!isWorkflow) t.same(AccessScope.Namespaces, ['onsale']);
  }
});

t.test('security groups let in each other, and addresses nowhere but at dev’s endpoints', async (t) => {
  for (const name of names) {
    for (const rule of properties(name, 'AWS::EC2::SecurityGroupIngress'))
      t.equal(rule.CidrIp ?? rule.CidrIpv6, undefined, `${name}: ${rule.Description}`);
    const groups = properties(name, 'AWS::EC2::SecurityGroup').filter(
      ({ SecurityGroupIngress = [] }) => SecurityGroupIngress.length > 0,
    );
    t.same(
      groups.map(({ SecurityGroupIngress }) =>
        SecurityGroupIngress.map(({ CidrIp, ToPort }: any) => [CidrIp, ToPort]),
      ),
      name === 'dev' ? [[['10.10.0.0/16', 443]]] : [],
    );
  }
});

t.test('every log is kept as long as its profile says, also those AWS would make by itself', async (t) => {
  for (const { name, logRetentionDays } of Object.values(profiles)) {
    const groups = properties(name, 'AWS::Logs::LogGroup');
    for (const { RetentionInDays } of groups) t.equal(RetentionInDays, logRetentionDays);
    const [{ Name: cluster, Logging }] = properties(name, 'AWS::EKS::Cluster');
    t.ok(Logging.ClusterLogging.EnabledTypes.some(({ Type }: any) => Type === 'audit'));
    const [{ DBClusterIdentifier }] = properties(name, 'AWS::RDS::DBCluster');
    const functions = properties(name, 'AWS::Serverless::Application').map(
      ({ Parameters }) => `/aws/lambda/${Parameters.functionName}`,
    );
    t.equal(functions.length, 2);
    for (const expected of [
      `/aws/eks/${cluster}/cluster`,
      `/aws/rds/cluster/${DBClusterIdentifier}/postgresql`,
      `aws-waf-logs-onsale-${name}`,
      ...functions,
    ])
      t.ok(
        groups.some(({ LogGroupName }) => LogGroupName === expected),
        expected,
      );
    t.equal(
      properties(name, 'AWS::RDS::DBClusterParameterGroup')[0].Parameters.log_parameter_max_length,
      '0',
      'no buyer in the log of slow statements',
    );
  }
});

t.test('keys turn every year, database passwords every month, and alarms travel encrypted', async (t) => {
  for (const name of names) {
    for (const { EnableKeyRotation } of properties(name, 'AWS::KMS::Key')) t.equal(EnableKeyRotation, true);
    for (const { KmsKeyId } of properties(name, 'AWS::SecretsManager::Secret')) t.ok(KmsKeyId);
    const schedules = properties(name, 'AWS::SecretsManager::RotationSchedule');
    t.same(
      schedules.map(({ RotationRules }) => RotationRules.ScheduleExpression),
      ['rate(30 days)', 'rate(30 days)'],
    );
    for (const { KmsMasterKeyId } of properties(name, 'AWS::SNS::Topic')) t.ok(KmsMasterKeyId);
    for (const bucket of resources(name, 'AWS::S3::Bucket')) t.ok(bucket.Properties.BucketEncryption);
    for (const { ImageTagMutability, ImageScanningConfiguration } of properties(
      name,
      'AWS::ECR::Repository',
    )) {
      t.equal(ImageTagMutability, 'IMMUTABLE');
      t.ok(ImageScanningConfiguration.ScanOnPush);
    }
  }
});

t.test('the firewall counts buyers, and apart from them the payment provider', async (t) => {
  const routes = readFileSync(
    new URL('../../services/contracts/http/confirm-routes.ts', import.meta.url),
    'utf8',
  );
  const callbackPath = /paymentCallbackRoute = [^']+'POST',\s+url: '([^']+)'/.exec(routes)?.[1];
  t.ok(callbackPath);
  for (const { name, requestsPerAddress, callbacksPerAddress } of Object.values(profiles)) {
    const [{ Rules, Scope }] = properties(name, 'AWS::WAFv2::WebACL');
    t.equal(Scope, 'CLOUDFRONT');
    const [buyers, provider] = Rules.map(({ Statement }: any) => Statement.RateBasedStatement);
    t.equal(buyers.Limit, requestsPerAddress);
    t.equal(provider.Limit, callbacksPerAddress);
    t.same(buyers.ScopeDownStatement, { NotStatement: { Statement: provider.ScopeDownStatement } });
    t.match(provider.ScopeDownStatement.ByteMatchStatement, {
      PositionalConstraint: 'EXACTLY',
      SearchString: callbackPath,
    });
  }
});
