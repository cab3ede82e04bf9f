import exec from 'k6/execution';
import { seatAt, seatCount } from '../profiles/fixtures.ts';
import {
  awaitTurn,
  buyerName,
  buyHeld,
  enterCall,
  holdCall,
  openIntent,
  roomStatusCall,
  tokenOf,
} from './buyer.ts';
import { bodyOf, call, callTogether } from './call.ts';
import { doubleSold, holdsRefused, lostOrders } from './counters.ts';
import { firstSeatOf, fixtures } from './run-input.ts';

const { events, lastSeats } = fixtures;
const seats = seatCount(events);
const anySeat = () => seatAt(events, Math.floor(Math.random() * seats));
const entityTags: Record<string, string> = {};

/** Somebody looks: mostly at how many seats are free, at times at the map, and again only if it changed. */
export function reads(): void {
  const { eventId, sectionId } = anySeat();
  if (Math.random() < 0.85) {
    call({ api: 'summary', method: 'GET', path: `/public/summary/${eventId}/${sectionId}`, expect: [200] });
    return;
  }
  const known = entityTags[eventId];
  const answer = call({
    api: 'seats',
    method: 'GET',
    path: `/public/seats/${eventId}`,
    headers: known === undefined ? {} : { 'if-none-match': known },
    expect: [200, 304],
  });
  const tag = answer.headers['Etag'];
  if (tag !== undefined) entityTags[eventId] = tag;
}

/** Somebody opens a payment, looks at it and goes away: without a hold the system gives the money back. */
export function confirm(): void {
  const { eventId, seatId } = anySeat();
  const intentId = openIntent(buyerName('c'), eventId, seatId);
  if (intentId === undefined) return;
  call({ api: 'read-intent', method: 'GET', path: `/confirm/payment-intent/${intentId}`, expect: [200] });
}

/** Somebody arrives and asks once when the turn comes. */
export function arrival(): void {
  const token = tokenOf(call(enterCall(buyerName('a'), anySeat().eventId)));
  if (token !== undefined) call(roomStatusCall(token));
}

/** A whole purchase, of a seat nobody else asks for: through the waiting room, the hold and the worker. */
export function journey(): void {
  const step = exec.vu.metrics.tags['step'] as string;
  const { eventId, seatId } = seatAt(events, firstSeatOf[step]! + exec.scenario.iterationInTest);
  const userId = buyerName('j');
  const token = tokenOf(call(enterCall(userId, eventId)));
  if (token === undefined || awaitTurn(token) !== 'ready') return;
  if (call(holdCall(token, eventId, seatId)).status !== 200) {
    holdsRefused.add(1);
    return;
  }
  if (buyHeld(userId, eventId, seatId) !== 'confirmed') return;
  const list = call({
    api: 'orders',
    method: 'GET',
    path: `/confirm/orders?userId=${userId}`,
    expect: [200],
  });
  const mine = bodyOf<{ orders: { seatIds: string[]; status: string }[] }>(list)?.orders;
  const isThere = mine?.some((one) => one.status === 'CONFIRMED' && one.seatIds.includes(seatId));
  if (list.status === 200 && isThere !== true) lostOrders.add(1);
}

/**
 * Two buyers want the same one of the last seats, in the same instant; whoever holds it buys. Two confirmed orders, or one
 * for a seat that the map already showed as sold, are a seat sold twice.
 */
export function race(): void {
  const { eventId, seatId } = seatAt([lastSeats], Math.floor(Math.random() * seatCount([lastSeats])));
  const rivals = [buyerName('r1'), buyerName('r2')];
  const tokens = callTogether(rivals.map((userId) => enterCall(userId, eventId))).map(tokenOf);
  for (const token of tokens) if (token === undefined || awaitTurn(token) !== 'ready') return;
  const wasSold = isSold(eventId, seatId);
  const holds = callTogether(tokens.map((token) => holdCall(token!, eventId, seatId)));
  let confirmed = wasSold ? 1 : 0;
  for (const [index, { status }] of holds.entries()) {
    if (status === 200 && buyHeld(rivals[index]!, eventId, seatId) === 'confirmed') confirmed++;
    if (status === 409) holdsRefused.add(1);
  }
  if (confirmed > 1) doubleSold.add(1);
}

function isSold(eventId: string, seatId: string): boolean {
  const answer = call({ api: 'seats', method: 'GET', path: `/public/seats/${eventId}`, expect: [200] });
  const map = bodyOf<{ sections: { seats: string }[] }>(answer);
  return map?.sections[0]?.seats[Number(seatId.split('C')[1]) - 1] === 's';
}
