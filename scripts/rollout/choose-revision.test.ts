import t from 'tap';
import { chooseRevision, type Revision } from './choose-revision.ts';

const revisions = (...what: ('stable' | 'canary' | 'failed')[]): Revision[] =>
  what.map((one, index) => ({
    revision: index + 1,
    status: one === 'failed' ? 'failed' : index === what.length - 1 ? 'deployed' : 'superseded',
    hasCanary: one === 'canary',
  }));

t.test('after a promotion a rollback passes by the trial', async (t) => {
  t.equal(chooseRevision(revisions('stable', 'canary', 'stable')), 1);
});

t.test('a canary on trial goes back to what was before it', async (t) => {
  t.equal(chooseRevision(revisions('stable', 'stable', 'canary')), 2);
});

t.test('what never ran is nothing to go back to', async (t) => {
  t.equal(chooseRevision(revisions('stable', 'failed', 'stable')), 1);
  t.equal(chooseRevision(revisions('failed', 'stable')), undefined);
  t.equal(chooseRevision(revisions('stable')), undefined);
});
