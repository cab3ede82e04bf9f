import t from 'tap';
import { readSettings } from './context.ts';

const arn = 'arn:aws:acm:us-east-1:111122223333:certificate/abc';

t.test('a profile is chosen by name', async (t) => {
  t.equal(readSettings({ profile: 'dev' }).profile.natGateways, 0);
  t.same(readSettings({ profile: 'production' }).profile.regions, ['ap-northeast-1', 'ap-northeast-2']);
});

t.test('a mistyped key fails with its name, and so does every other fault, all at once', async (t) => {
  const faults = { profile: 'prodution', alarmEmial: 'a@example.org', domainName: 'tickets.example' };
  const message = (() => {
    try {
      readSettings(faults);
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  })();
  for (const name of ['alarmEmial: unknown', 'profile: ', 'edgeCertificateArn: give both'])
    t.match(message, name);
  t.throws(() => readSettings({}), /profile: is required/);
  t.throws(() => readSettings({ profile: 'dev', edgeCertificateArn: arn.replace('us-east-1', 'us-west-2') }));
});

t.test('keys of the CDK itself are no concern of ours', async (t) => {
  const context = { profile: 'dev', 'aws:cdk:bundling-stacks': [], '@aws-cdk/core:flag': true };
  t.equal(readSettings(context).profile.name, 'dev');
  t.equal(
    readSettings({ profile: 'dev', domainName: 'tickets.example', edgeCertificateArn: arn }).domainName,
    'tickets.example',
  );
});
