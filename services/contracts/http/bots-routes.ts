import { Type } from 'typebox';
import { defineRoute, errorResponses } from './route-contract.ts';

const tags = ['bots'] as const;
const security = [{ admin: [] }] as const;

/** Where the bots of practice rounds are. */
export const BotsStatus = Type.Object({
  enabled: Type.Boolean({ description: 'Whether they compete' }),
  since: Type.String({ format: 'date-time', description: 'Since when they are switched as they are' }),
  startedAt: Type.String({
    format: 'date-time',
    description: 'Start of the process: a restart forgets what was switched and goes by its settings',
  }),
  active: Type.Integer({ minimum: 0, description: 'Bots in a purchase or waiting for their round' }),
  perRound: Type.Integer({ minimum: 1 }),
  rounds: Type.Array(Type.Object({ saleId: Type.String(), active: Type.Integer({ minimum: 0 }) })),
  finished: Type.Record(Type.String(), Type.Integer({ minimum: 0 }), {
    description: 'How many ended in which way, since the start of the process',
  }),
});

export type BotsStatus = Type.Static<typeof BotsStatus>;

const response = { 200: BotsStatus, ...errorResponses(401) };

export const botsStatusRoute = defineRoute({
  method: 'GET',
  url: '/admin/bots',
  schema: {
    operationId: 'botsStatus',
    summary: 'Whether bots compete, and how many',
    tags,
    security,
    response,
  },
});

export const botsOnRoute = defineRoute({
  method: 'POST',
  url: '/admin/bots/on',
  schema: {
    operationId: 'botsOn',
    summary: 'Have bots compete from the next round on; repeating it changes nothing',
    tags,
    security,
    response,
  },
});

export const botsOffRoute = defineRoute({
  method: 'POST',
  url: '/admin/bots/off',
  schema: {
    operationId: 'botsOff',
    summary: 'Stop all bots at once; answered when they hold nothing any more',
    tags,
    security,
    response,
  },
});
