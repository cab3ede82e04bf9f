import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type Profile, profiles } from './profile.ts';

/** What `cdk -c key=value` and cdk.json may say. Every value arrives as text. */
const Context = Type.Object({
  profile: Type.Enum(['dev', 'staging', 'production']),
  alarmEmail: Type.Optional(Type.String({ pattern: '^[^@\\s]+@[^@\\s]+$' })),
  domainName: Type.Optional(Type.String({ pattern: '^[a-z0-9-]+(\\.[a-z0-9-]+)+$' })),
  /** In us-east-1, for CloudFront; covers every Region's host. */
  edgeCertificateArn: Type.Optional(
    Type.String({ pattern: '^arn:aws:acm:us-east-1:\\d{12}:certificate/.+' }),
  ),
  githubRepository: Type.Optional(Type.String({ pattern: '^[\\w.-]+/[\\w.-]+$' })),
  githubEnvironment: Type.Optional(Type.String({ pattern: '^[\\w-]+$' })),
  operatorRoleArn: Type.Optional(Type.String({ pattern: '^arn:aws:iam::\\d{12}:role/.+' })),
  performanceRoleArn: Type.Optional(Type.String({ pattern: '^arn:aws:iam::\\d{12}:role/.+' })),
  /** Comma-separated networks the Kubernetes API answers to; without it the API is private to the VPC and signed callers. */
  clusterApiCidrs: Type.Optional(Type.String({ pattern: '^[0-9.]+/\\d+(,[0-9.]+/\\d+)*$' })),
});

export type Settings = Omit<Type.Static<typeof Context>, 'profile'> & { readonly profile: Profile };

/** Keys of the CDK itself: feature flags, cached look-ups, what its command line passes on. */
const isOfTheCdk = (key: string) => key.includes(':') || key.startsWith('@') || key === 'tree';

/** Reads the context; throws an error that names every key that is unknown, missing or malformed. */
export function readSettings(context: Readonly<Record<string, unknown>>): Settings {
  const own = Object.fromEntries(Object.entries(context).filter(([key]) => !isOfTheCdk(key)));
  const known = Object.keys(Context.properties);
  const problems = Object.keys(own)
    .filter((key) => !known.includes(key))
    .map((key) => `${key}: unknown context key; known are ${known.join(', ')}`);
  for (const { instancePath, message, keyword, params } of Value.Errors(Context, own)) {
    if (keyword === 'required') {
      for (const key of params.requiredProperties) problems.push(`${key}: is required`);
    } else problems.push(`${instancePath.slice(1)}: ${message}`);
  }
  const given = own as Type.Static<typeof Context>;
  if ((given.domainName === undefined) !== (given.edgeCertificateArn === undefined))
    problems.push('domainName and edgeCertificateArn: give both or neither');
  if (problems.length > 0) throw new Error(`Bad context:\n  ${problems.join('\n  ')}`);
  return { ...given, profile: profiles[given.profile] };
}
