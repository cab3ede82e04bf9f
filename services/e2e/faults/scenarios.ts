import { monotonicNowMs } from './history.ts';
import { heldOf, type Held, type Shopper } from './shopper.ts';

/** What a buyer does, from coming to leaving. */
export type Scenario = (shopper: Shopper) => Promise<void>;

/** Pays for what is held and waits for the tickets; resolves with the order, if one was decided. */
async function pay(shopper: Shopper, { seatIds }: Pick<Held, 'seatIds'>) {
  const { random } = shopper;
  const intentKey = shopper.key('intent');
  const asked = () => shopper.insist(() => shopper.intent(seatIds, intentKey));
  // A double click.
  const [intent] = await Promise.all(random.chance(0.2) ? [asked(), asked()] : [asked()]);
  if (intent.status !== 201 && intent.status !== 200) return undefined;
  const intentId = String(intent.body['intentId']);
  await shopper.pause(0, 60);
  const key = shopper.key('commit');
  const commit = (under: string) => shopper.insist(() => shopper.commit(intentId, seatIds, under));
  const ways = [
    () => [commit(key)],
    () => [commit(key), commit(key)],
    () => [commit(key), commit(`${key}-b`)],
  ];
  const [committed] = await Promise.all(random.chance(0.6) ? ways[0]!() : random.pick(ways)());
  if (committed?.status !== 202) return undefined;
  if (random.chance(0.15)) {
    // A key of somebody else's, and another body under the own one.
    await shopper.commit(intentId, seatIds.slice(1).concat('R1C1'), key);
  }
  if (random.chance(0.2)) await shopper.repeatCallback(intentId);
  return shopper.awaitOrder(key);
}

async function buy(shopper: Shopper) {
  const { random } = shopper;
  if (!(await shopper.awaitTurn())) return undefined;
  const held = await shopper.holdSomething(() =>
    random.chance(0.3)
      ? { section: random.pick(shopper.offer.sections).id, seatCount: random.between(1, 3) }
      : shopper.chooseSeats(random.between(1, 3)),
  );
  if (!held) return undefined;
  await shopper.pause(0, 120);
  return pay(shopper, held);
}

/** Holds, pays, keeps the tickets. */
const keep: Scenario = async (shopper) => {
  await buy(shopper);
};

/** Holds, pays, keeps the tickets or gives them back. */
const purchase: Scenario = async (shopper) => {
  const { random } = shopper;
  const order = await buy(shopper);
  if (order?.status !== 'CONFIRMED' || !random.chance(0.7)) return;
  await shopper.pause(0, 300);
  const cancel = () => shopper.insist(() => shopper.cancel(order.orderId));
  await Promise.all(random.chance(0.3) ? [cancel(), cancel()] : [cancel()]);
};

/** Holds, and gives back; tries first without proof. */
const changeOfMind: Scenario = async (shopper) => {
  if (!(await shopper.awaitTurn())) return;
  const held = await shopper.holdSomething(() => shopper.chooseSeats(shopper.random.between(1, 2)));
  if (!held) return;
  await shopper.pause(0, 200);
  if (shopper.random.chance(0.3)) await shopper.release(held.seatIds, {});
  const proof = shopper.random.chance(0.5) ? { holdId: held.holdId } : { byToken: true };
  for (const seatId of held.seatIds) await shopper.insist(() => shopper.release([seatId], proof));
};

/** Holds, and closes the tab. */
const walkAway: Scenario = async (shopper) => {
  if (!(await shopper.awaitTurn())) return;
  await shopper.holdSomething(() => shopper.chooseSeats(shopper.random.between(1, 2)));
};

/** Pays only when the hold has lapsed. */
const tooLate: Scenario = async (shopper) => {
  if (!(await shopper.awaitTurn())) return;
  const held = await shopper.holdSomething(() => shopper.chooseSeats(1));
  if (!held) return;
  await shopper.pause(
    Math.max(0, Math.ceil(held.expiresAtMs - monotonicNowMs())) + shopper.random.between(200, 500),
  );
  await pay(shopper, held);
};

/** Asks in all sections at once for as much as one may have. */
const greedy: Scenario = async (shopper) => {
  if (!(await shopper.awaitTurn())) return;
  const answers = await Promise.all(
    shopper.offer.sections.flatMap(({ seatIds }) =>
      [0, 1].map(() => {
        const first = shopper.random.between(0, seatIds.length - 2);
        return shopper.hold({ seatIds: seatIds.slice(first, first + 2) });
      }),
    ),
  );
  await shopper.pause(0, 150);
  for (const answer of answers) {
    if (answer.status !== 200) continue;
    const { holdId, seatIds } = heldOf(answer.body);
    for (const seatId of seatIds) await shopper.release([seatId], { holdId });
  }
};

/** Commits what somebody else may hold, and holds without an own token. */
const impostor: Scenario = async (shopper) => {
  if (!(await shopper.awaitTurn())) return;
  const seats = shopper.chooseSeats(1);
  await shopper.hold(seats, `${shopper.roomToken.slice(0, -2)}xx`);
  await pay(shopper, seats);
};

/** Everything, by how common it is. */
export const scenarios = { purchase, keep, changeOfMind, walkAway, tooLate, greedy, impostor } as const;

export type ScenarioName = keyof typeof scenarios;

/** How often each is drawn when a run does not say otherwise. */
export const usualMix: Readonly<Record<ScenarioName, number>> = {
  purchase: 10,
  // Tickets that are kept end a small sale soon.
  keep: 0,
  changeOfMind: 4,
  walkAway: 2,
  tooLate: 1,
  greedy: 2,
  impostor: 1,
};
