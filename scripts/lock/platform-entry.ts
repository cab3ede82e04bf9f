import type { LockEntry, MissingOptional } from './lock-file.ts';

const SYSTEMS: Readonly<Record<string, string>> = {
  aix: 'aix',
  android: 'android',
  darwin: 'darwin',
  freebsd: 'freebsd',
  linux: 'linux',
  netbsd: 'netbsd',
  openbsd: 'openbsd',
  openharmony: 'openharmony',
  sunos: 'sunos',
  win32: 'win32',
  windows: 'win32',
};
const PROCESSORS = ['arm', 'arm64', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'x64'];
const LIBRARIES: Readonly<Record<string, string>> = { gnu: 'glibc', musl: 'musl' };

/**
 * The lock entry of a package for one platform, which its name tells, such as `binding-linux-riscv64-musl`. Undefined when
 * the name tells no platform or the version is a range: such an entry needs the registry.
 */
export function platformEntry({ name, version, wantedBy }: MissingOptional): LockEntry | undefined {
  const words = name.split(/[/-]/);
  const system = words.find((word) => word in SYSTEMS);
  const processor = words.find((word) => PROCESSORS.includes(word));
  const library = words.find((word) => word in LIBRARIES);
  if (system === undefined || processor === undefined || !/^\d+\.\d+\.\d+/.test(version)) return undefined;
  return {
    version,
    cpu: [processor],
    ...(wantedBy.dev ? { dev: true } : {}),
    ...(system === 'linux' && library !== undefined ? { libc: [LIBRARIES[library] ?? library] } : {}),
    optional: true,
    os: [SYSTEMS[system] ?? system],
  };
}
