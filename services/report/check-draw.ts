import { verifyDraw } from '@onsale/waiting-room/draw-verify';
import type { ReportData, SaleFacts } from './report-data.ts';
import type { CheckResult } from './check-result.ts';

/** The seed's hash was published before anybody entered: the seed shown must have it. */
export function checkDraw({ draw }: SaleFacts): CheckResult {
  const verdict = verifyDraw({ ...draw, joinIndex: 0 });
  switch (verdict.outcome) {
    case 'not-sealed':
      return { looked: 'not drawn yet', differences: [] };
    case 'seed-differs':
      return {
        looked: '1 seed',
        differences: [`the seed's hash is ${verdict.actualHash}, committed to was ${draw.seedHash}`],
      };
    case 'malformed':
      return { looked: '1 seed', differences: [verdict.problem] };
    default:
      return { looked: `1 seed, ${draw.cohort} drawn`, differences: [] };
  }
}

/** Recomputes each place from seed, cohort and join index. */
export function checkPlaces({ draw }: SaleFacts, { places }: ReportData): CheckResult {
  if (draw.seed === null) return { looked: 'not drawn yet', differences: [] };
  const differences: string[] = [];
  for (const { joinIndex, place } of places) {
    const verdict = verifyDraw({ ...draw, joinIndex });
    const found = 'place' in verdict ? verdict.place : verdict.outcome;
    if (found !== place)
      differences.push(`join index ${joinIndex}: exported place ${place}, by the seed ${found}`);
  }
  return { looked: `${places.length} places`, differences };
}

/** A join index, a place and a buyer belong together, once. */
export function checkPlacesUnique({ places }: ReportData): CheckResult {
  const differences: string[] = [];
  for (const key of ['joinIndex', 'place', 'buyer'] as const) {
    const seen = new Set<unknown>();
    for (const record of places) {
      if (seen.has(record[key])) differences.push(`${key} ${record[key]} is there twice`);
      seen.add(record[key]);
    }
  }
  return { looked: `${places.length} places`, differences };
}
