import { Type } from 'typebox';
import { httpEnv, identityNeeds, processEnv, storesEnv } from './common.ts';
import { List, Milliseconds } from './setting.ts';

/** Settings of public-api. */
export const PublicApiEnv = Type.Object(
  {
    ...processEnv,
    ...httpEnv,
    ...storesEnv,
    ROOM_TOKEN_KEYS: List(
      'Keys of room tokens: the first signs, all of them verify, so a key can be replaced',
      {
        pattern: '^[^,\\s]{32,}(,[^,\\s]{32,})*$',
        expected: 'one or more keys of at least 32 characters, separated by commas',
        secret: true,
      },
    ),
    SEAT_CACHE_MS: Milliseconds(
      'How long a seat map or summary is answered from this process while on sale',
      {
        default: 1000,
      },
    ),
  },
  { $id: 'public-api', needs: identityNeeds },
);

export type PublicApiEnv = Type.Static<typeof PublicApiEnv>;
