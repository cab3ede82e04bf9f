import type { SeededRandom } from '@onsale/platform/seeded-random';
import type { NoteHarm } from './aws-troubles.ts';
import type { RedisLoss } from './checker/world.ts';
import type { FaultStack } from './fault-stack.ts';
import type { StoreReader } from './read-world.ts';

/** What a fault has to work with. */
export interface FaultScene {
  readonly target: FaultStack;
  readonly stores: StoreReader;
  /** The sale buyers come for just now. */
  readonly saleId: () => string;
  /** Publishes one more sale, which nobody comes for. */
  readonly publishAnother: () => Promise<unknown>;
  /** Told of what was lost from Redis: it explains some answers that else would be wrong. */
  readonly onRedisLoss: (loss: RedisLoss) => void;
  readonly note: NoteHarm;
}

/** Does harm for about so long and undoes it; resolves when nothing of it is left but what the services have to mend. */
export type Fault = (scene: FaultScene, durationMs: number, random: SeededRandom) => Promise<void>;
