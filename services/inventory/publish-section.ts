import type { RedisClient } from '@onsale/platform/redis';
import { builtSectionKeys } from './inventory-keys.ts';
import type { PlannedHold, SectionPlan } from './rebuild-plan.ts';
import type { SaleSection } from './sale-sections.ts';
import { holdIdLength } from './hold-id.ts';
import { loadSectionScript } from './section-script.ts';

const publishSectionScript = loadSectionScript('publish-section-10.lua');

export interface PublishSection {
  readonly epoch: number;
  readonly masters: string;
  readonly blockedUntilMs: number;
  readonly keepUntilMs: number;
  /** Keeps what two replicas build apart. */
  readonly token: string;
}

/** Holds sent in one command: few round trips, and no command that keeps the server from others for long. */
const holdsPerCommand = 500;
/** Built keys whose replica died go by themselves. */
const builtKeptMs = 60_000;
const stateLetter = { held: 'h', committing: 'c', sold: 's' } as const;

/**
 * Builds a section beside the live one and puts it in place at once. Resolves with whether it was: `outdated`, another
 * replica published the same or a later epoch; `moved`, the server changed meanwhile.
 */
export async function publishSection(
  redis: RedisClient,
  target: SaleSection,
  plan: SectionPlan,
  options: PublishSection,
): Promise<'published' | 'outdated' | 'moved'> {
  const { keys, section } = target;
  const built = builtSectionKeys(keys, options.token);
  const holders = Buffer.alloc(section.seatCount * holdIdLength);
  for (const hold of plan.holds) {
    for (const seatIndex of hold.seatIndexes) holders.write(hold.holdId, seatIndex * holdIdLength, 'latin1');
  }
  const pipeline = redis.pipeline();
  pipeline.set(built.seats, plan.seats, 'PX', builtKeptMs);
  pipeline.set(built.holders, holders, 'PX', builtKeptMs);
  pipeline.hset(built.holds, '-', '-');
  pipeline.zadd(built.lapses, 'inf', '-');
  for (let from = 0; from < plan.holds.length; from += holdsPerCommand) {
    const chunk = plan.holds.slice(from, from + holdsPerCommand);
    pipeline.hset(built.holds, ...chunk.flatMap((hold) => [hold.holdId, holdText(hold)]));
    const lapsing = chunk.filter((hold) => hold.state === 'held');
    if (lapsing.length > 0) {
      pipeline.zadd(built.lapses, ...lapsing.flatMap((hold) => [hold.expiresAtMs, hold.holdId]));
    }
  }
  pipeline.pexpire(built.holds, builtKeptMs);
  pipeline.pexpire(built.lapses, builtKeptMs);
  for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;

  const [outcome] = await publishSectionScript.run(
    redis,
    [...keys.live, built.seats, built.holders, built.holds, built.lapses],
    [
      options.epoch,
      options.masters,
      section.rows,
      section.seatsPerRow,
      plan.counts.free,
      plan.counts.held,
      plan.counts.sold,
      plan.counts.blocked,
      options.blockedUntilMs,
      plan.holds.length,
      plan.holds.length,
      options.keepUntilMs,
      spacesOf(target),
    ],
  );
  return outcome as 'published' | 'outdated' | 'moved';
}

/** Pairs of seat indexes: a wheelchair space, then its companion seat. */
function spacesOf({ published: { seatMap }, section }: SaleSection): string {
  return (section.wheelchairSpaces ?? [])
    .map(
      ({ space, companion }) => `${seatMap.locate(space)!.seatIndex}:${seatMap.locate(companion)!.seatIndex}`,
    )
    .join(',');
}

function holdText(hold: PlannedHold): string {
  return `${stateLetter[hold.state]} ${hold.fence} ${hold.expiresAtMs} ${hold.owner} ${hold.seatIndexes.join(',')} ${hold.reference}${hold.split ? ' +' : ''}`;
}
