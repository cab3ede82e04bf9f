import { fileURLToPath } from 'node:url';
import { ensureGoProgram, findGoProgram } from '@onsale/control-plane/pinned-go-program';

const pinned = {
  name: 'actionlint',
  module: fileURLToPath(new URL('./go', import.meta.url)),
  program: 'github.com/rhysd/actionlint/cmd/actionlint',
};

/** The linter of workflows; undefined where it is not built. */
export const findActionlint = () => findGoProgram(pinned);

/** Finds the linter of workflows, or builds it with Go, once. */
export const ensureActionlint = (say: (line: string) => void) => ensureGoProgram(pinned, say);
