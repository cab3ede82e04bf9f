import { Type } from 'typebox';
import { httpEnv, processEnv } from './common.ts';
import { Flag, HttpUrl, List, Milliseconds, Seconds } from './setting.ts';

const eventId = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';
const strategy = '(front-rows|random-seat|best-available|scattered-pairs)=[0-9]{1,3}';

/** How the bots of a practice round behave. */
const behaviourEnv = {
  BOTS_COUNT: Type.Integer({
    description: 'Bots that compete in each round',
    minimum: 1,
    maximum: 2000,
    default: 20,
  }),
  BOTS_SEED: Type.String({
    description: 'The same seed makes the same bots in the same round; change it and others come',
    minLength: 1,
    default: 'onsale',
  }),
  BOTS_STRATEGIES: List('How many parts of the bots choose seats in which way', {
    pattern: `^${strategy}(,${strategy})*$`,
    expected:
      'strategy=parts, separated by commas, of front-rows, random-seat, best-available and scattered-pairs',
    default: 'front-rows=3,random-seat=3,best-available=3,scattered-pairs=1',
  }),
  BOTS_ARRIVE_BEFORE_SEC: Seconds(
    'How long before the opening the first bots enter; most come close to the opening, a few just after it',
    { default: 10 },
  ),
  BOTS_REACTION_MS: Milliseconds('Time to notice that something changed: half of the bots are faster', {
    default: 450,
    minimum: 1,
  }),
  BOTS_CHOOSING_MS: Milliseconds('Time to choose seats on the map: half of the bots are faster', {
    default: 1800,
    minimum: 1,
  }),
  BOTS_TYPING_MS: Milliseconds('Time to fill in the payment: half of the bots are faster', {
    default: 3000,
    minimum: 1,
  }),
  BOTS_DELAY_SPREAD: Type.Number({
    description:
      'How much these times differ: 0 not at all; at 0.5 two thirds of them lie between 0.6 and 1.65 times the middle',
    minimum: 0,
    maximum: 2,
    default: 0.5,
  }),
  BOTS_LOST_SEATS: Type.Integer({
    description: 'A bot gives up at the latest after losing this many choices of seats to others',
    minimum: 1,
    maximum: 100,
    default: 6,
  }),
  BOTS_ABANDON_PERCENT: Type.Integer({
    description: 'Percent of the bots that walk away from the payment and give their seats back',
    minimum: 0,
    maximum: 100,
    default: 10,
  }),
};

/** Settings of the bots that compete in practice rounds. */
export const BotsEnv = Type.Object(
  {
    HOST: processEnv.HOST,
    INTERNAL_PORT: processEnv.INTERNAL_PORT,
    LOG_LEVEL: processEnv.LOG_LEVEL,
    PRE_STOP_DELAY_MS: processEnv.PRE_STOP_DELAY_MS,
    SHUTDOWN_LIMIT_MS: processEnv.SHUTDOWN_LIMIT_MS,
    ADMIN_TOKEN: httpEnv.ADMIN_TOKEN,
    API_BASE: HttpUrl('Address the bots buy at, as any buyer does', { default: 'http://127.0.0.1:8080' }),
    PAYMENT_SIMULATOR_URL: Type.Optional(
      HttpUrl(
        'Simulated payment provider whose page the bots pay on; without it payments must be captured unasked',
      ),
    ),
    LOCAL_JWT_KEY: Type.Optional(
      Type.String({
        description:
          'Key the bots’ bearer tokens are signed with, where the services check tokens with the same one',
        minLength: 32,
        expected: 'at least 32 characters',
        secret: true,
      }),
    ),
    BOTS_ENABLED: Flag(
      'Whether bots compete from the start on; a command switches them later, and a restart comes back to this',
      false,
    ),
    BOTS_EVENTS: List('Events the bots take part in besides practice events; never one that is really sold', {
      pattern: `^(${eventId}(,${eventId})*)?$`,
      expected: 'event ids, separated by commas',
      default: '',
    }),
    ...behaviourEnv,
  },
  { $id: 'bots' },
);

export type BotsEnv = Type.Static<typeof BotsEnv>;
