import t from 'tap';
import { type LockFile, missingOptionals, strayFolders } from './lock-file.ts';
import { platformEntry } from './platform-entry.ts';

const lock: LockFile = {
  packages: {
    '': {},
    'node_modules/tool': {
      dev: true,
      optionalDependencies: { '@tool/linux-x64': '1.0.0', '@tool/darwin-arm64': '1.0.0', nested: '2.0.0' },
    },
    'node_modules/tool/node_modules/nested': { optionalDependencies: { '@tool/linux-x64': '1.0.0' } },
    'node_modules/@tool/linux-x64': { version: '1.0.0' },
  },
};

t.test('an optional package is missing when no folder has it where Node would look', async (t) => {
  t.same(
    missingOptionals(lock).map(({ name }) => name),
    ['@tool/darwin-arm64'],
  );
});

t.test('a name tells system, processor and library', async (t) => {
  const entry = (name: string, version = '1.0.0') =>
    platformEntry({ name, version, wantedBy: { dev: true } });
  t.same(entry('@tool/darwin-arm64'), {
    version: '1.0.0',
    cpu: ['arm64'],
    dev: true,
    optional: true,
    os: ['darwin'],
  });
  t.match(entry('@oxc/binding-linux-riscv64-musl'), { os: ['linux'], cpu: ['riscv64'], libc: ['musl'] });
  t.match(entry('@oxc/binding-linux-arm-gnueabihf'), { os: ['linux'], cpu: ['arm'] });
  t.match(entry('@pg/windows-x64'), { os: ['win32'], cpu: ['x64'] });
  t.equal(entry('@tool/wasm'), undefined);
  t.equal(entry('@tool/linux-x64', '^1.0.0'), undefined);
});

t.test('a folder is astray when it holds another version than the nearest package.json pins', async (t) => {
  const held: LockFile = {
    packages: {
      'node_modules/pg': { version: '8.1.0' },
      'services/a/node_modules/pg': { version: '8.2.0' },
      'node_modules/@onsale/b': { link: true },
    },
  };
  const pins = { pg: '8.1.0', '@onsale/b': '0.1.0' };
  t.same(strayFolders(held, 'services/a', pins), ['services/a/node_modules/pg']);
  t.same(strayFolders(held, 'services/c', pins), []);
  t.same(strayFolders(held, '', { pg: '8.3.0' }), ['node_modules/pg']);
});
