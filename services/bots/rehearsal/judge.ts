import type { SectionView } from '../behaviour/choose-seats.ts';
import type { Exchange, Step } from '../client/exchange.ts';
import type { BotResult } from '../play/bot-result.ts';
import type { RehearsalPlan } from './plan-rehearsal.ts';

/** What a sale must keep to. */
export interface Bars {
  /** p95 of every step of a purchase, milliseconds. */
  readonly p95Ms: number;
  /** Share of requests that may fail, and of orders that may be rejected, 0 to 1. */
  readonly errorShare: number;
  /** How much later than planned the last buyer may notice the turn: buyers poll some seconds apart. */
  readonly noticeSeconds: number;
}

/** What a rehearsal saw. */
export interface RehearsalFacts {
  readonly plan: Pick<
    RehearsalPlan,
    'buyers' | 'opensAtMs' | 'ratePerSecond' | 'arrivalsPerSecond' | 'seatCount'
  >;
  readonly results: readonly BotResult[];
  readonly exchanges: readonly Exchange[];
  /** The seat map at the end; undefined when it could not be read. */
  readonly sections: readonly Pick<SectionView, 'seats'>[] | undefined;
  /** The TicketEvent's condition CapacityConfirmed; undefined when it is not known. */
  readonly capacityConfirmed: boolean | undefined;
}

export interface Check {
  readonly name: string;
  /** `unknown` keeps from a verdict; `not-judged` does not. */
  readonly outcome: 'passed' | 'failed' | 'unknown' | 'not-judged';
  /** What was seen, in words. */
  readonly seen: string;
}

export interface Verdict {
  readonly verdict: 'go' | 'no-go' | 'unjudged';
  readonly checks: readonly Check[];
}

/** The steps a sale's speed is judged by; paying is the provider's. */
const judged: readonly Step[] = [
  'enter',
  'room-status',
  'seats',
  'hold',
  'payment-intent',
  'commit',
  'status',
];
const purchaseSeconds = 30;

/** Judges a rehearsal: one failed check is a no-go, and one that could not be made leaves it unjudged. */
export function judge(facts: RehearsalFacts, bars: Bars): Verdict {
  const checks = [
    seatsSoldOnce(facts),
    ordersDecided(facts),
    moneyAtHome(facts),
    ordersConfirmed(facts, bars),
    answers(facts, bars),
    speed(facts, bars),
    admission(facts, bars),
    sellOut(facts),
    capacity(facts),
  ];
  const has = (outcome: Check['outcome']) => checks.some((check) => check.outcome === outcome);
  return { verdict: has('failed') ? 'no-go' : has('unknown') ? 'unjudged' : 'go', checks };
}

const check = (name: string, passed: boolean, seen: string): Check => ({
  name,
  outcome: passed ? 'passed' : 'failed',
  seen,
});

const confirmed = ({ results }: RehearsalFacts) => results.filter(({ outcome }) => outcome === 'confirmed');

const liveSeats = ({ status }: BotResult) =>
  (status?.order?.tickets ?? []).flatMap(({ seatId, status: state }) =>
    state === 'VALID' && seatId ? [seatId] : [],
  );

function seatsSoldOnce(facts: RehearsalFacts): Check {
  const name = 'every seat sold once';
  const sold = confirmed(facts).flatMap(liveSeats);
  const twice = sold.filter((seatId, index) => sold.indexOf(seatId) !== index);
  if (twice.length > 0) return check(name, false, `sold twice: ${twice.slice(0, 5).join(', ')}`);
  if (!facts.sections) return { name, outcome: 'unknown', seen: 'the seat map could not be read' };
  const onMap = facts.sections.reduce((sum, { seats }) => sum + seats.replaceAll(/[^s]/g, '').length, 0);
  return check(name, onMap === sold.length, `${sold.length} seats on tickets, ${onMap} sold on the map`);
}

function ordersDecided({ results }: RehearsalFacts): Check {
  const committed = results.filter(({ commitKey }) => commitKey !== undefined);
  const open = committed.filter(({ outcome }) => outcome !== 'confirmed' && outcome !== 'rejected');
  return check('every order decided', open.length === 0, `${open.length} of ${committed.length} still open`);
}

function moneyAtHome({ results }: RehearsalFacts): Check {
  const adrift = results.filter((result) => {
    const { order, payment } = result.status ?? {};
    if (order?.status === 'CONFIRMED') return liveSeats(result).length !== order.seatIds.length;
    return payment?.status === 'CAPTURED' || payment?.status === 'REFUNDING';
  });
  return check(
    'all that was paid is tickets or given back',
    adrift.length === 0,
    `${adrift.length} payments with neither`,
  );
}

function ordersConfirmed(facts: RehearsalFacts, { errorShare }: Bars): Check {
  const bought = confirmed(facts).length;
  const rejected = facts.results.filter(({ outcome }) => outcome === 'rejected');
  const reasons = [...new Set(rejected.map(({ code = 'no reason' }) => code))].join(', ');
  const passed = bought > 0 && rejected.length <= errorShare * (bought + rejected.length);
  return check(
    'orders confirmed',
    passed,
    `${bought} confirmed, ${rejected.length} rejected${reasons ? ` (${reasons})` : ''}`,
  );
}

function answers({ exchanges, results }: RehearsalFacts, { errorShare }: Bars): Check {
  const bad = exchanges.filter(({ status }) => status === 0 || status >= 500).length;
  const lost = results.filter(({ outcome }) => outcome === 'failed');
  const codes = [...new Set(lost.map(({ code = 'no answer' }) => code))].join(', ');
  return check(
    'requests answered',
    exchanges.length > 0 && bad <= errorShare * exchanges.length && lost.length === 0,
    `${bad} of ${exchanges.length} failed; ${lost.length} buyers could not go on${codes ? ` (${codes})` : ''}`,
  );
}

function speed({ exchanges }: RehearsalFacts, { p95Ms }: Bars): Check {
  const name = `p95 of each step at most ${p95Ms} ms`;
  const p95s = judged.flatMap((step) => {
    const times = exchanges.filter((exchange) => exchange.step === step).map(({ elapsedMs }) => elapsedMs);
    times.sort((a, b) => a - b);
    return times.length === 0 ? [] : [{ step, ms: times[Math.ceil(0.95 * times.length) - 1]! }];
  });
  if (p95s.length === 0) return { name, outcome: 'unknown', seen: 'nothing was asked' };
  const seen = p95s.map(({ step, ms }) => `${step} ${Math.ceil(ms)}`).join(', ');
  return check(
    name,
    p95s.every(({ ms }) => ms <= p95Ms),
    `${seen} ms`,
  );
}

function admission({ results, plan }: RehearsalFacts, { noticeSeconds }: Bars): Check {
  const turns = results.flatMap(({ admittedAtMs }) => admittedAtMs ?? []).sort((a, b) => a - b);
  const waiting = results.filter(({ enteredAtMs }) => enteredAtMs !== undefined).length - turns.length;
  const takenSec = turns.length === 0 ? 0 : (turns.at(-1)! - plan.opensAtMs) / 1000;
  const planSec = plan.buyers / Math.min(plan.ratePerSecond, plan.arrivalsPerSecond);
  return check(
    'admission as planned',
    turns.length > 0 && waiting === 0 && takenSec <= 1.25 * planSec + noticeSeconds,
    `${turns.length} admitted in ${takenSec.toFixed(1)} s, planned ${planSec.toFixed(1)} s and ${noticeSeconds} s to notice; ${waiting} not admitted`,
  );
}

function sellOut(facts: RehearsalFacts): Check {
  const name = 'sold out in time';
  const { seatCount, opensAtMs, buyers, ratePerSecond } = facts.plan;
  const sales = confirmed(facts);
  const sold = sales.flatMap(liveSeats).length;
  if (sold < seatCount) {
    return { name, outcome: 'not-judged', seen: `these buyers took ${sold} of ${seatCount} seats` };
  }
  const takenSec = (Math.max(...sales.map(({ decidedAtMs = opensAtMs }) => decidedAtMs)) - opensAtMs) / 1000;
  const planSec = buyers / ratePerSecond + purchaseSeconds;
  return check(name, takenSec <= 1.25 * planSec, `${takenSec.toFixed(1)} s, planned ${planSec.toFixed(1)} s`);
}

function capacity({ capacityConfirmed }: RehearsalFacts): Check {
  const name = 'capacity confirmed';
  if (capacityConfirmed === undefined) {
    return { name, outcome: 'not-judged', seen: 'the file has no status of the operator' };
  }
  return check(name, capacityConfirmed, `the TicketEvent says ${capacityConfirmed ? 'True' : 'False'}`);
}
