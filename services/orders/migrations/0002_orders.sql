-- Intents, captures, orders, tickets and refunds. Amounts are minor units. Safe to run again.
--
-- Locks, so that nothing waits in a circle: an intent's row is locked before its order or captures change, several intents
-- in the order of their ids; after them rows of orders, in the order of theirs or skipping locked ones; after them
-- tickets, by sale and seat.

create table if not exists payment_intents (
  intent_id         text collate "C" primary key,
  idempotency_key   text collate "C" not null,
  body_hash         text collate "C" not null,
  user_id           text collate "C" not null,
  event_id          text collate "C" not null,
  sale_id           text collate "C" not null,
  seat_ids          text[] not null,
  seat_prices_minor bigint[] not null,
  amount_minor      bigint not null check (amount_minor >= 0),
  currency          text not null,
  created_at        timestamptz not null default now(),
  constraint payment_intents_key unique (idempotency_key),
  constraint payment_intents_priced check (cardinality(seat_ids) = cardinality(seat_prices_minor))
);

-- Outbox: intents whose payment the provider has not opened yet.
create table if not exists payments_to_open (
  intent_id text collate "C" primary key references payment_intents,
  attempts  integer not null default 0,
  due_at    timestamptz not null
);
create index if not exists payments_to_open_due on payments_to_open (due_at);

create table if not exists failed_payments (
  payment_id text collate "C" primary key,
  intent_id  text collate "C" not null,
  failed_at  timestamptz not null default now()
);
create index if not exists failed_payments_of_intent on failed_payments (intent_id);

-- Every capture the provider reported, also for an intent nobody knows: money taken is never forgotten.
create table if not exists captures (
  payment_id   text collate "C" primary key,
  intent_id    text collate "C" not null,
  amount_minor bigint not null check (amount_minor >= 0),
  -- True while it pays for its intent's order; false: it goes back whole.
  pays         boolean not null,
  captured_at  timestamptz not null default now()
);
create unique index if not exists captures_paying on captures (intent_id) where pays;
create index if not exists captures_of_intent on captures (intent_id);

-- An order belongs to its intent, and an intent has one. A commit refused for what it said (unknown intent, another
-- buyer's, other seats) is an order that stands alone: it leaves the intent's own order as it is.
--   WAITING_FOR_HOLD  paid; its buyer does not hold the seats yet; until deadline_at
--   PROCESSING        committed; begun_at: the hold no longer lapses; sent_at: the message is on the queue
--   AWAITING_PAYMENT  the worker has seen it, its capture has not come; until deadline_at
--   CONFIRMED, REJECTED, CANCELLED
create table if not exists orders (
  order_id     text collate "C" primary key,
  intent_id    text collate "C" not null,
  alone        boolean not null default false,
  user_id      text collate "C" not null,
  event_id     text collate "C" not null,
  sale_id      text collate "C",
  seat_ids     text[] not null,
  amount_minor bigint not null,
  currency     text not null,
  status       text not null check (status in
    ('WAITING_FOR_HOLD', 'PROCESSING', 'AWAITING_PAYMENT', 'CONFIRMED', 'REJECTED', 'CANCELLED')),
  reason       text,
  -- What its queue message names: a buyer's commit key, or one of ours where the capture came first.
  idem         text not null,
  attempt      integer not null default 1,
  -- Why to reject it, found out while it was under way: the one who settles it does so.
  refusal      text,
  begun_at     timestamptz,
  sent_at      timestamptz,
  deadline_at  timestamptz,
  -- When the stores of seats were told how it ended.
  projected_at timestamptz,
  -- When a sweeper takes it up unless it has moved on by itself; null: nothing is left to do.
  due_at       timestamptz,
  created_at   timestamptz not null default now(),
  updated_at   timestamptz not null default now(),
  constraint orders_rejected_for_a_reason check (status <> 'REJECTED' or reason is not null),
  constraint orders_alone_are_refused check (status = 'REJECTED' or not alone),
  constraint orders_of_a_sale check (alone or sale_id is not null)
);
create unique index if not exists orders_of_intent on orders (intent_id) where not alone;
create index if not exists orders_of_user on orders (user_id, created_at desc, order_id desc);
create index if not exists orders_due on orders (status, due_at) where due_at is not null;

-- Idempotency keys of commits, kept as long as their orders.
create table if not exists commit_keys (
  idem       text collate "C" primary key,
  user_id    text collate "C" not null,
  body_hash  text collate "C" not null,
  order_id   text collate "C" not null references orders,
  created_at timestamptz not null default now()
);
create index if not exists commit_keys_of_order on commit_keys (order_id);

create table if not exists tickets (
  ticket_id    text collate "C" primary key,
  order_id     text collate "C" not null references orders,
  sale_id      text collate "C" not null,
  seat_id      text collate "C" not null,
  price_minor  bigint not null,
  status       text not null default 'VALID' check (status in ('VALID', 'CANCELLED')),
  issued_at    timestamptz not null default now(),
  cancelled_at timestamptz,
  -- When the cancelled seat went on sale again.
  returned_at  timestamptz
);
-- The final word: a seat is sold once per sale.
create unique index if not exists tickets_live_seat on tickets (sale_id, seat_id) where status = 'VALID';
create index if not exists tickets_of_order on tickets (order_id);

-- Outbox; refund_id is the idempotency key the provider sees. A capture that pays for nothing goes back whole and once, as
-- 'rf_' || payment_id; a cancellation gives back a part.
create table if not exists refunds (
  refund_id    text collate "C" primary key,
  payment_id   text collate "C" not null references captures,
  intent_id    text collate "C" not null,
  amount_minor bigint not null check (amount_minor > 0),
  reason       text not null,
  attempts     integer not null default 0,
  -- Null once the provider has taken it.
  due_at       timestamptz default now(),
  created_at   timestamptz not null default now(),
  refunded_at  timestamptz
);
create index if not exists refunds_due on refunds (due_at) where due_at is not null;
create index if not exists refunds_of_payment on refunds (payment_id);

-- Orders with their tickets and their payment, as the HTTP contract shows them; the payment is null where there is none to
-- show. While a capture pays, the payment is that capture; else it is whatever was captured and goes back.
create or replace view order_views as
select
  o.order_id, o.intent_id, o.event_id, o.user_id, o.seat_ids, o.amount_minor, o.currency, o.reason, o.updated_at, o.created_at,
  o.alone,
  case when o.status in ('CONFIRMED', 'REJECTED', 'CANCELLED') then o.status else 'PROCESSING' end as status,
  (
    select coalesce(json_agg(json_build_object('ticketId', t.ticket_id, 'seatId', t.seat_id, 'status', t.status)
      order by array_position(o.seat_ids, t.seat_id)), '[]')
    from tickets t where t.order_id = o.order_id
  ) as tickets,
  case when not o.alone then json_build_object(
    'intentId', o.intent_id,
    'paymentId', coalesce(money.payment_id,
      (select f.payment_id from failed_payments f where f.intent_id = o.intent_id order by f.failed_at desc limit 1)),
    'status', case
      when money.captured is null then
        case when exists (select from failed_payments f where f.intent_id = o.intent_id) then 'FAILED' else 'PENDING' end
      when money.refunding > 0 then 'REFUNDING'
      when not money.pays or (money.refunded > 0 and money.refunded = money.captured) then 'REFUNDED'
      else 'CAPTURED' end,
    'amount', o.amount_minor,
    'refunded', coalesce(money.refunded, 0)
  ) end as payment
from orders o
left join lateral (
  select
    (array_agg(c.payment_id order by c.captured_at desc))[1] as payment_id,
    c.pays,
    sum(c.amount_minor) as captured,
    sum(r.refunded) as refunded,
    sum(r.refunding) as refunding
  from captures c
  cross join lateral (
    select
      coalesce(sum(r.amount_minor) filter (where r.refunded_at is not null), 0) as refunded,
      count(*) filter (where r.refunded_at is null) as refunding
    from refunds r where r.payment_id = c.payment_id
  ) r
  where c.intent_id = o.intent_id
  group by c.pays
  order by c.pays desc
  limit 1
) money on not o.alone;
