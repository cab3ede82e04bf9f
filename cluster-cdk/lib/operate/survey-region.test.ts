import t from 'tap';
import { type Answer, type Ask, surveyRegion } from './survey-region.ts';

const opensAt = '2030-01-01T12:00:00Z';
const gala = {
  metadata: { name: 'gala' },
  spec: { homeRegion: 'ap-northeast-1', sale: { opensAt, closesAt: '2030-01-01T14:00:00Z' } },
};
const listed = (...items: object[]): Answer => ({ outcome: 'ok', stdout: JSON.stringify({ items }) });
const failed = (message: string): Answer => ({ outcome: 'failed', message });
const place = {
  profile: 'production',
  region: 'ap-northeast-1',
  kubeconfig: '/tmp/k',
  nowMs: Date.parse(opensAt),
};

/** Programs that answer well, but for the one whose arguments hold `word`. */
const answers =
  (events: Answer, word = '', instead: Answer = events): Ask =>
  (program, ...args) => {
    if (word !== '' && args.includes(word)) return instead;
    return program === 'kubectl' ? events : { outcome: 'ok', stdout: '' };
  };

t.test(
  'a Region without a sale is free, and so is one without a cluster or without TicketEvents',
  async (t) => {
    t.same(surveyRegion(answers(listed()), place), { outcome: 'free' });
    const noCluster = failed('An error occurred (ResourceNotFoundException) when calling DescribeCluster');
    t.same(surveyRegion(answers(listed(gala), 'describe-cluster', noCluster), place), { outcome: 'free' });
    t.same(surveyRegion(answers(failed(`error: the server doesn't have a resource type "x"`)), place), {
      outcome: 'free',
    });
  },
);

t.test('a sale under way is named', async (t) => {
  t.match(surveyRegion(answers(listed(gala)), place), { outcome: 'busy', sales: [/gala/] });
});

t.test('what cannot be asked is unknown, never free', async (t) => {
  const denied = failed('An error occurred (AccessDeniedException)');
  for (const word of ['describe-cluster', 'update-kubeconfig'])
    t.match(surveyRegion(answers(listed(), word, denied), place), {
      outcome: 'unknown',
      reason: /AccessDenied/,
    });
  for (const answer of [failed('Unable to connect to the server: i/o timeout'), failed('Unauthorized')])
    t.equal(surveyRegion(answers(answer), place).outcome, 'unknown');
  t.equal(surveyRegion(answers({ outcome: 'ok', stdout: '' }), place).outcome, 'unknown');
});
