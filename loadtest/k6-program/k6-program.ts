import { fileURLToPath } from 'node:url';
import { ensureGoProgram, findGoProgram } from '@onsale/control-plane/pinned-go-program';

const pinned = {
  name: 'k6',
  module: fileURLToPath(new URL('./go', import.meta.url)),
  program: 'go.k6.io/k6',
};

/** The k6 that this repository pins; undefined where it is not built. */
export const findK6 = () => findGoProgram(pinned);

/** Finds the pinned k6, or builds it with Go, once. */
export const ensureK6 = (say: (line: string) => void) => ensureGoProgram(pinned, say);
