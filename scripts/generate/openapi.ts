// Writes openapi/ticketing.yaml: every endpoint, from the contracts the services register.
import { writeFileSync } from 'node:fs';
import { ticketingApi } from '@onsale/contracts/openapi/ticketing-api';
import { stringify } from 'yaml';

const text = stringify(ticketingApi(), { lineWidth: 110, aliasDuplicateObjects: false });
writeFileSync(
  new URL('../../openapi/ticketing.yaml', import.meta.url),
  `# Generated from services/contracts by npm run generate.\n${text}`,
);
