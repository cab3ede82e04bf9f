import { createHash, createHmac, createSecretKey } from 'node:crypto';

/** What a draw depends on, and nothing else does. */
export interface DrawTerms {
  /** 32 bytes as 64 hex digits, made when the sale was published. */
  readonly seed: string;
  /** N: how many join indexes were given out before the opening. */
  readonly cohort: number;
  /** Public randomness mixed in, if any. */
  readonly beacon: string | undefined;
}

/** The order the cohort is served in. */
export interface Draw {
  readonly cohort: number;
  /** The place of a join index: a bijection of [0, cohort) for drawn ones; later arrivals keep theirs, behind all of them. */
  placeOf(joinIndex: number): number;
}

/** Hex SHA-256 of the seed's bytes: published before anybody enters, so that the seed cannot be chosen afterwards. */
export function seedHashOf(seed: string): string {
  return createHash('sha256').update(Buffer.from(seed, 'hex')).digest('hex');
}

const rounds = 8;
/**
 * The square the network works on has at least this side. With side 3 the rounds generate only a part of all orders,
 * however many there are (chi-square 570 at 119 degrees of freedom for N = 5 and 12 rounds; 81 with side 8).
 */
const smallestSide = 8;
/** Counters of a sale stay far below; halves and memory stay below 2^31. */
const largestCohort = 2 ** 31;

/**
 * Makes the draw: a balanced Feistel network with cycle walking, its rounds keyed by HMAC-SHA256. The algorithm and test
 * vectors for other languages are in docs/draw.md. A place costs 20 µs the first time and is remembered in four bytes.
 */
export function createDraw({ seed, cohort, beacon }: DrawTerms): Draw {
  if (!Number.isSafeInteger(cohort) || cohort < 0 || cohort > largestCohort) {
    throw new RangeError(`a cohort of ${cohort} cannot be drawn`);
  }
  const side = Math.max(smallestSide, Math.ceil(Math.sqrt(cohort)));
  const key = createSecretKey(
    createHmac('sha256', Buffer.from(seed, 'hex'))
      .update(`${cohort}:${beacon ?? ''}`)
      .digest(),
  );
  const permute = (index: number): number => {
    let left = Math.floor(index / side);
    let right = index % side;
    for (let round = 0; round < rounds; round++) {
      const digest = createHmac('sha256', key).update(`${round}:${right}`).digest();
      const sum = (left + (digest.readUIntBE(0, 6) % side)) % side;
      left = right;
      right = sum;
    }
    return left * side + right;
  };
  // Zero means unknown, so that the system hands out zeroed pages as they are touched.
  const placesPlusOne = new Uint32Array(cohort);

  return {
    cohort,
    placeOf(joinIndex) {
      if (joinIndex >= cohort) return joinIndex;
      const known = placesPlusOne[joinIndex]!;
      if (known > 0) return known - 1;
      let place = permute(joinIndex);
      // The square is larger than the cohort: whoever lands outside walks on along the same cycle and comes back inside.
      while (place >= cohort) place = permute(place);
      placesPlusOne[joinIndex] = place + 1;
      return place;
    },
  };
}
