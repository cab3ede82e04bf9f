/** What a section script tells about one hold. */
export interface HoldChange {
  readonly holdId: string;
  readonly state: 'held' | 'committing' | 'sold' | 'gone';
  /** Goes up with every change of any hold of the section. */
  readonly fence: number;
  /** Means nothing for what is sold or gone. */
  readonly expiresAtMs: number;
  readonly owner: string;
  /** Positions in the section, ascending: those it has, or of one that is gone those it had. */
  readonly seatIndexes: readonly number[];
  /** The hold it was split off. */
  readonly from: string | undefined;
  /** Committing: intentId; sold: `orderId intentId`. */
  readonly reference: string;
  /** It has, or had, seats in common with another hold: its lock items may speak for that one too. */
  readonly split: boolean;
}

const stateOf = { h: 'held', c: 'committing', s: 'sold', x: 'gone' } as const;
const changeLine = /^(\S+) ([hcsx]) (\d+) (\d+) (\S+) (\S+) (\S+) (.*)$/s;

/** Reads the changes of a script's answer; lua/section.lua gives their form. */
export function parseHoldChanges(lines: readonly string[]): HoldChange[] {
  return lines.map((line) => {
    const [, holdId, state, fence, expiresAtMs, owner, seats, from, reference] = changeLine.exec(line)!;
    return {
      holdId: holdId!,
      state: stateOf[state as keyof typeof stateOf],
      fence: Number(fence),
      expiresAtMs: Number(expiresAtMs),
      owner: owner!,
      seatIndexes: seats === '-' ? [] : seats!.split(',').map(Number),
      from: from === '-' ? undefined : from,
      reference: reference!.replace(/ ?\+$/, ''),
      split: reference!.endsWith('+'),
    };
  });
}
