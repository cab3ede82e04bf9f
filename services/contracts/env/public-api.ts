import { Type } from 'typebox';
import { httpEnv, identityNeeds, processEnv, storesEnv, ticketEnv } from './common.ts';
import { Flag, List, Milliseconds, Seconds } from './setting.ts';

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
    ...ticketEnv,
    ADMISSION_STEERED: Flag(
      'Whether admission follows live replicas, latency, queue, no-shows, free seats and maxActive; false: the planned rate alone',
      true,
    ),
    ADMISSION_P95_MS: Milliseconds('Admission slows down when the p95 of purchase requests is above this', {
      default: 500,
      minimum: 10,
    }),
    ADMISSION_BACKLOG_SEC: Seconds(
      'Admission slows down when the commits in the queue take the workers longer than this, and stops at three times as much',
      { default: 10, minimum: 1 },
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
