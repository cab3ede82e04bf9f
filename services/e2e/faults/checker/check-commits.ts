import { exchangesOf, type Exchange } from '../history.ts';
import type { World } from './world.ts';
import { at, span, type Violation } from './violation.ts';

const terminal = new Set(['CONFIRMED', 'REJECTED', 'CANCELLED']);

/** Every accepted commit ends, once; a key stands for one request; what a status told stays true. */
export function checkCommits(exchanges: readonly Exchange[], world: World): Violation[] {
  return [
    ...world.unsettled.map((what): Violation => ({ invariant: 7, message: what })),
    ...checkAccepted(exchanges, world),
    ...checkKeys(exchanges),
    ...checkStatuses(exchanges),
  ];
}

function checkAccepted(exchanges: readonly Exchange[], world: World): Violation[] {
  const orders = new Map(world.orders.map((order) => [order.orderId, order]));
  const violations: Violation[] = [];
  for (const { asked, answer, endMs } of exchangesOf(exchanges, 'commit')) {
    if (answer.status !== 202) continue;
    const orderId = world.commitKeys.get(asked.key);
    const order = orderId === undefined ? undefined : orders.get(orderId);
    if (!order) {
      violations.push({
        invariant: 7,
        message: `commit ${asked.key} was accepted at ${at(endMs)} and is lost`,
      });
    } else if (!terminal.has(order.status)) {
      violations.push({
        invariant: 7,
        message: `commit ${asked.key} was accepted at ${at(endMs)}, its order ${order.orderId} is still ${order.status} at ${at(world.quietAtMs)}`,
      });
    }
  }
  const intents = new Set(world.intents.map(({ intentId }) => intentId));
  for (const { answer, asked } of exchangesOf(exchanges, 'intent')) {
    if (answer.status !== 200 && answer.status !== 201) continue;
    if (!intents.has(String(answer.body['intentId']))) {
      violations.push({
        invariant: 6,
        message: `intent ${String(answer.body['intentId'])} of key ${asked.key} is lost`,
      });
    }
  }
  return violations;
}

/** What was accepted under one key: the same body, and the same answer each time. */
function checkKeys(exchanges: readonly Exchange[]): Violation[] {
  const violations: Violation[] = [];
  const first = new Map<string, { request: string; result: string; when: string }>();
  const accepted = (name: string, request: string, result: string, when: string) => {
    const before = first.get(name);
    if (!before) {
      first.set(name, { request, result, when });
    } else if (before.request !== request) {
      violations.push({
        invariant: 6,
        message: `${name} was accepted for ${before.request} (${before.when}) and for ${request} (${when})`,
      });
    } else if (before.result !== result) {
      violations.push({
        invariant: 6,
        message: `${name} answered ${before.result} (${before.when}), then ${result} (${when})`,
      });
    }
  };
  for (const { asked, answer, startMs, endMs } of exchanges) {
    if (answer.status !== 200 && answer.status !== 201 && answer.status !== 202) continue;
    const when = span(startMs, endMs);
    if (asked.kind === 'intent') {
      const request = `${asked.userId} ${[...asked.seatIds].sort().join()}`;
      const result = `${String(answer.body['intentId'])} ${String(answer.body['amount'])}`;
      accepted(`intent key ${asked.key}`, request, result, when);
    } else if (asked.kind === 'commit') {
      const request = `${asked.userId} ${asked.intentId} ${[...asked.seatIds].sort().join()}`;
      accepted(`commit key ${asked.key}`, request, 'accepted', when);
    } else if (asked.kind === 'reserve') {
      const request = `${asked.userId} ${asked.quantity}`;
      accepted(`reservation key ${asked.key}`, request, String(answer.body['id']), when);
    }
  }
  return violations;
}

interface Told {
  readonly orderId: string;
  readonly status: string;
  readonly startMs: number;
  readonly endMs: number;
}

function checkStatuses(exchanges: readonly Exchange[]): Violation[] {
  const violations: Violation[] = [];
  for (const [key, own] of Map.groupBy(exchangesOf(exchanges, 'status'), ({ asked }) => asked.key)) {
    let furthest: Told | undefined;
    for (const { answer, startMs, endMs } of own.toSorted((a, b) => a.endMs - b.endMs)) {
      const order =
        answer.status === 200 ? (answer.body['order'] as { orderId: string; status: string } | null) : null;
      if (!order) continue;
      const told = { orderId: order.orderId, status: order.status, startMs, endMs };
      if (furthest && furthest.endMs < startMs && !canFollow(furthest, told)) {
        violations.push({
          invariant: 7,
          message: `status of ${key} was ${furthest.orderId} ${furthest.status} at ${at(furthest.endMs)}, then ${told.orderId} ${told.status} at ${at(told.endMs)}`,
        });
      }
      if (!furthest || canFollow(furthest, told)) furthest = told;
    }
  }
  return violations;
}

function canFollow(before: Told, after: Told): boolean {
  if (before.orderId !== after.orderId) return false;
  if (before.status === 'PROCESSING' || before.status === after.status) return true;
  return before.status === 'CONFIRMED' && after.status === 'CANCELLED';
}
