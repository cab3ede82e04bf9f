import t from 'tap';
import { reasonsAmiss } from './check-dependency-reasons.ts';
import { addressesIn, wrongVersions } from './check-packages.ts';
import type { Package } from './packages.ts';

const onePackage = (part: Partial<Package>): Package => ({
  path: 'services/a/package.json',
  name: '@onsale/a',
  dependencies: {},
  devDependencies: {},
  ...part,
});

t.test('every version is exact and the same everywhere', async (t) => {
  t.same(wrongVersions([onePackage({ dependencies: { pg: '8.1.0', beta: '1.0.0-beta.17' } })]), []);
  for (const version of ['^8.1.0', '~8.1.0', '8', '*', 'latest', '>=8.1.0 <9', 'file:../x']) {
    t.equal(wrongVersions([onePackage({ devDependencies: { pg: version } })]).length, 1, version);
  }
  const two = onePackage({ path: 'services/b/package.json', devDependencies: { pg: '8.2.0' } });
  t.match(wrongVersions([onePackage({ dependencies: { pg: '8.1.0' } }), two]), [/pg 8\.2\.0, but 8\.1\.0/]);
});

t.test('the lock file may name workspaces, and no address', async (t) => {
  const lines = [
    '      "resolved": "services/orders",',
    '      "resolved": "https://registry.example/pg/-/pg-8.1.0.tgz",',
    '      "integrity": "sha512-x",',
  ];
  t.same(addressesIn(lines.join('\n')), [
    'package-lock.json:2: "resolved": "https://registry.example/pg/-/pg-8.1.0.tgz",',
  ]);
  t.equal(addressesIn('"resolved": "git+ssh://git@example.com/a.git"').length, 1);
});

t.test('every runtime dependency has its reason, and no reason outlives its dependency', async (t) => {
  const packages = [
    onePackage({ dependencies: { pg: '8.1.0', '@onsale/a': '0.1.0' }, devDependencies: { tap: '21.0.0' } }),
  ];
  t.same(reasonsAmiss('| `pg` | the protocol |', packages), []);
  t.match(reasonsAmiss('', packages), [/no line for pg/]);
  t.match(reasonsAmiss('| `pg` | the protocol |\n| `tap` | tests |', packages), [/nothing depends on tap/]);
  t.match(reasonsAmiss('| `pg` | the protocol |\n| `pg` | again |', packages), [/pg twice/]);
  t.match(reasonsAmiss('| `pg` |  |', packages), [/no reason for pg/]);
});
