import { ensureBinaries } from './binaries.ts';

/** Builds the control plane's programs into their cache; nothing to do when they are there. */
await ensureBinaries({ assets: process.env['KUBEBUILDER_ASSETS'] }, (line) => console.log(line));
