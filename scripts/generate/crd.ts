import { mkdir, writeFile } from 'node:fs/promises';
import { ticketEventCrd } from '@onsale/contracts/ticket-event/crd';
import { stringify } from 'yaml';

/** Writes the TicketEvent CRD beside the operator; charts and the control plane take it from there. */
const target = new URL('../../operators/ticket-event/api/crd.yaml', import.meta.url);

await mkdir(new URL('.', target), { recursive: true });
await writeFile(
  target,
  `# Generated from services/contracts/ticket-event by scripts/generate/crd.ts; change it there.\n${stringify(
    ticketEventCrd(),
    { lineWidth: 120, aliasDuplicateObjects: false },
  )}`,
);
