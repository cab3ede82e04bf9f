import { writeFileSync } from 'node:fs';
import { outputNames, stackNameOf } from '@onsale/cluster-cdk/lib/outputs';
import t from 'tap';
import { readRegion } from './read-region.ts';

function outputsOf(profile: string): Record<string, Record<string, string>> {
  return Object.fromEntries(
    Object.entries(outputNames).map(([part, names]) => [
      stackNameOf(profile, part),
      Object.fromEntries(names.map((name) => [name, name === 'Region' ? 'ap-northeast-2' : `the-${name}`])),
    ]),
  );
}

t.test(
  'delivery learns from the outputs where images go, which values to take and where to look',
  async (t) => {
    const path = `${t.testdir()}/outputs.json`;
    writeFileSync(path, JSON.stringify(outputsOf('production')));
    t.same(readRegion(path), {
      environment: 'production-ap-northeast-2',
      registry: 'the-ImageRegistry',
      apiBase: 'the-ApiBase',
    });
    writeFileSync(path, JSON.stringify(outputsOf('staging')));
    t.equal(readRegion(path).environment, 'staging');
  },
);

t.test('a Region that is half deployed is refused, with the stack that is missing', async (t) => {
  const path = `${t.testdir()}/outputs.json`;
  const { 'onsale-staging-edge': _edge, ...others } = outputsOf('staging');
  writeFileSync(path, JSON.stringify(others));
  t.throws(() => readRegion(path), /onsale-staging-edge/);
  writeFileSync(path, '{}');
  t.throws(() => readRegion(path), /no outputs of a network stack/);
});
