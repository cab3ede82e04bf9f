import type { FaultName } from './fault-kinds.ts';
import type { PlannedFault } from './fault-schedule.ts';
import type { ScenarioName } from './scenarios.ts';

/** A mistake somebody could make, and the load under which it shows. */
export interface Mutation {
  readonly name: string;
  readonly says: string;
  /** Texts replaced in files below services/, as the processes read them; the files stay as they are. */
  readonly changes: readonly { readonly file: string; readonly find: string; readonly replace: string }[];
  /** Run once the tables are there. */
  readonly sql?: string;
  readonly mix: Readonly<Partial<Record<ScenarioName, number>>>;
  readonly buyers?: number;
  readonly schedule: readonly PlannedFault[];
  readonly onCluster?: boolean;
  readonly lengthMs: number;
  /** What the payment provider does with every payment. */
  readonly payments?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** What the checker has to say of it. */
  readonly finds: RegExp;
  /** Shows in seconds, whatever else the machine has to do. */
  readonly isQuick: boolean;
}

const sectionLua = 'inventory/lua/section.lua';

const runIdUnchecked = [
  { file: sectionLua, find: ' or not string.find(fields[2], own_replication_id(), 1, true)', replace: '' },
  {
    file: 'inventory/lua/place-hold-6.lua',
    find: 'if not string.find(section.masters, ARGV[2], 1, true)',
    replace: 'if false',
  },
  {
    file: 'inventory/create-seat-inventory.ts',
    find: "masters.split(',').every((master) => publishedOn.includes(master))",
    replace: 'true',
  },
];

const every = (stepMs: number, count: number, name: FaultName): PlannedFault[] =>
  Array.from({ length: count }, (_, index) => ({ name, atMs: 3000 + index * stepMs, durationMs: 400 }));

/** Each makes the checker fail; a test and `npm run faults -- --mutations` see to that. */
export const mutations: readonly Mutation[] = [
  {
    name: 'lapse-unchecked',
    isQuick: true,
    says: 'holds that have lapsed are still good',
    changes: [
      {
        file: sectionLua,
        find: "return hold.state == 'h' and hold.expires_at_ms <= section.now_ms",
        replace: 'return false',
      },
      { file: sectionLua, find: "'-inf', integer(section.now_ms), 'LIMIT'", replace: "'-inf', '0', 'LIMIT'" },
    ],
    mix: { tooLate: 3, walkAway: 1 },
    schedule: [],
    lengthMs: 8000,
    finds: /was confirmed, .* but .* has hold .* until|was told it is taken .* until/,
  },
  {
    name: 'cap-per-section',
    isQuick: true,
    says: 'the most one buyer may have is counted in each section by itself',
    changes: [
      {
        file: 'inventory/lua/take-cap-1.lua',
        find: 'taken = taken + tonumber(seats)',
        replace:
          'if string.sub(id, 1, 2) == string.sub(ARGV[2], 1, 2) then taken = taken + tonumber(seats) end',
      },
    ],
    mix: { greedy: 1 },
    buyers: 4,
    schedule: [],
    lengthMs: 5000,
    finds: /had \d+ seats, one buyer may have 4/,
  },
  {
    name: 'owner-unchecked',
    isQuick: true,
    says: 'a commit takes seats somebody else holds',
    changes: [
      {
        file: 'inventory/lua/begin-commit-6.lua',
        find: 'if hold.owner ~= ARGV[2] then return false end',
        replace: '',
      },
    ],
    mix: { impostor: 2, walkAway: 2 },
    schedule: [],
    lengthMs: 7000,
    finds: /was confirmed, its commit taken in .* but/,
  },
  {
    name: 'dedup-id-is-key',
    isQuick: true,
    says: 'every attempt of a commit has the same deduplication id',
    changes: [
      { file: 'orders/commits/commit-sender.ts', find: '`${attempt} ${body}`', replace: 'message.idem' },
    ],
    mix: { purchase: 1 },
    schedule: [],
    lengthMs: 6000,
    payments: 'late',
    // Longer than a late payment takes: nothing else may end an order.
    environment: { PAYMENT_WAIT_SEC: '30' },
    finds: /was accepted at .* is still PROCESSING|was accepted at .* is still AWAITING_PAYMENT/,
  },
  {
    name: 'run-id-unchecked',
    isQuick: false,
    says: 'a Redis that was promoted with older state is taken for the one before',
    changes: runIdUnchecked,
    mix: { purchase: 3, changeOfMind: 1, walkAway: 2 },
    schedule: every(4500, 2, 'redis-older-state'),
    lengthMs: 12_000,
    finds: /was given hold .* but .* has /,
  },
  {
    name: 'run-id-unchecked-in-a-cluster',
    isQuick: false,
    says: 'a replica that a cluster has promoted is taken for the master before',
    changes: runIdUnchecked,
    mix: { purchase: 3, changeOfMind: 1, walkAway: 2 },
    schedule: every(5000, 3, 'cluster-takeover'),
    onCluster: true,
    lengthMs: 17_000,
    finds: /was given hold .* but .* has /,
  },
  {
    name: 'no-unique-ticket',
    isQuick: false,
    says: 'PostgreSQL takes two live tickets for a seat; the layers above, which else keep it from being asked, are off, too',
    changes: [
      ...runIdUnchecked,
      { file: 'orders/settle/decide-commits.ts', find: 'intent.takenSeatIds.length > 0 || ', replace: '' },
    ],
    sql: 'drop index tickets_live_seat',
    mix: { purchase: 1 },
    schedule: every(4500, 2, 'redis-older-state'),
    lengthMs: 12_000,
    finds: /: ticket .* was issued at .* but ticket .* was live/,
  },
  {
    name: 'tickets-before-locks',
    isQuick: false,
    says: 'a rebuild reads tickets first, then lock items',
    changes: [
      { file: 'inventory/rebuild.ts', find: 'const tickets = await parts.readTickets(saleId);', replace: '' },
      {
        file: 'inventory/rebuild.ts',
        find: 'const items = await Promise.all(targets',
        // The longer between the two reads, the sooner an order is confirmed there.
        replace:
          'const tickets = await parts.readTickets(saleId); await delay(2500); const items = await Promise.all(targets',
      },
      // The stores are told of it late: until then the seat stays free, were it not for the lock item.
      {
        file: 'orders/settle/settle-orders.ts',
        find: 'const followUpMs = 2000;',
        replace: 'const followUpMs = 10_000;',
      },
    ],
    mix: { keep: 3, changeOfMind: 1 },
    buyers: 12,
    schedule: every(7000, 3, 'redis-emptied'),
    lengthMs: 22_000,
    payments: 'late',
    finds: /was given hold .* has it by order/,
  },
  {
    name: 'refund-without-lock',
    isQuick: false,
    says: 'captures and rejections of one intent do not wait for each other',
    changes: [
      { file: 'orders/sql/lock-intents.sql', find: 'for no key update', replace: '' },
      {
        file: 'orders/sql/read-intents.sql',
        find: '  i.intent_id, i.user_id,',
        // A busy server may take as long between looking and writing. So long that a late capture, two seconds after its
        // payment was opened, comes when its order is given up: a second after the commit's own pause.
        replace:
          '  (select pg_sleep(0.8) where i.intent_id is not null)::text as pause, i.intent_id, i.user_id,',
      },
    ],
    mix: { purchase: 1 },
    buyers: 6,
    schedule: [],
    lengthMs: 12_000,
    payments: 'late',
    environment: { PAYMENT_WAIT_SEC: '1', PAYMENT_SWEEP_INTERVAL_MS: '50' },
    finds: /captured \d+ by \d+ payments, refunded 0, live tickets cost 0/,
  },
];
