-- Intents, captures, orders, tickets and refunds. Amounts are minor units. Rows of one intent change under the intent's row
-- lock; several intents are locked in the order of their ids, and so are several orders.

CREATE TABLE IF NOT EXISTS payment_intents (
  intent_id         text        PRIMARY KEY,
  idempotency_key   text        NOT NULL,
  body_hash         bytea       NOT NULL,
  user_id           text        NOT NULL,
  event_id          text        NOT NULL,
  sale_id           text        NOT NULL,
  seat_ids          text[]      NOT NULL,
  seat_prices_minor bigint[]    NOT NULL,
  amount_minor      bigint      NOT NULL CHECK (amount_minor >= 0),
  currency          text        NOT NULL,
  created_at        timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT payment_intents_idempotency_key UNIQUE (idempotency_key),
  CONSTRAINT payment_intents_priced CHECK (cardinality(seat_ids) = cardinality(seat_prices_minor))
);

-- Outbox: intents whose payment the provider has not opened yet.
CREATE TABLE IF NOT EXISTS payments_to_open (
  intent_id text        PRIMARY KEY REFERENCES payment_intents,
  attempts  integer     NOT NULL DEFAULT 0,
  due_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS payments_to_open_due ON payments_to_open (due_at);

CREATE TABLE IF NOT EXISTS failed_payments (
  payment_id text        PRIMARY KEY,
  intent_id  text        NOT NULL,
  failed_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS failed_payments_of_intent ON failed_payments (intent_id);

-- Every capture the provider reported, also for an intent nobody knows: money taken is never forgotten. `pays` is true
-- while the capture pays for its intent's order; false means it goes back.
CREATE TABLE IF NOT EXISTS captures (
  payment_id   text        PRIMARY KEY,
  intent_id    text        NOT NULL,
  amount_minor bigint      NOT NULL CHECK (amount_minor >= 0),
  pays         boolean     NOT NULL,
  captured_at  timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX IF NOT EXISTS captures_paying ON captures (intent_id) WHERE pays;
CREATE INDEX IF NOT EXISTS captures_of_intent ON captures (intent_id);

-- An order belongs to its intent, and an intent has one; a commit refused before it concerned the intent (unknown intent,
-- another buyer's, other seats) stands alone.
--   WAITING_FOR_HOLD   paid, its buyer does not hold the seats yet
--   PROCESSING         committed; begun_at: the hold no longer lapses; sent_at: the message is on the queue
--   AWAITING_PAYMENT   processed before its capture came, until deadline_at
--   CONFIRMED, REJECTED, CANCELLED
-- due_at is when a sweeper takes it up unless it has moved on by itself: null once nothing is left to do.
CREATE TABLE IF NOT EXISTS orders (
  order_id     text        PRIMARY KEY,
  intent_id    text        NOT NULL,
  alone        boolean     NOT NULL DEFAULT false,
  user_id      text        NOT NULL,
  event_id     text        NOT NULL,
  sale_id      text        NOT NULL,
  seat_ids     text[]      NOT NULL,
  amount_minor bigint      NOT NULL,
  currency     text        NOT NULL,
  status       text        NOT NULL,
  reason       text,
  -- What the queue message names; a buyer's commit key, or one of our own where the capture started it.
  idem         text        NOT NULL,
  attempt      integer     NOT NULL DEFAULT 1,
  -- A rejection decided while the order was under way; whoever settles it carries it out.
  refusal      text,
  begun_at     timestamptz,
  sent_at      timestamptz,
  deadline_at  timestamptz,
  due_at       timestamptz,
  created_at   timestamptz NOT NULL DEFAULT now(),
  updated_at   timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT orders_status CHECK (status IN
    ('WAITING_FOR_HOLD', 'PROCESSING', 'AWAITING_PAYMENT', 'CONFIRMED', 'REJECTED', 'CANCELLED')),
  CONSTRAINT orders_reason CHECK (status <> 'REJECTED' OR reason IS NOT NULL),
  CONSTRAINT orders_alone CHECK (NOT alone OR status = 'REJECTED')
);
CREATE UNIQUE INDEX IF NOT EXISTS orders_of_intent ON orders (intent_id) WHERE NOT alone;
CREATE INDEX IF NOT EXISTS orders_of_user ON orders (user_id, created_at DESC, order_id DESC);
CREATE INDEX IF NOT EXISTS orders_due ON orders (status, due_at) WHERE due_at IS NOT NULL;

-- The commit's idempotency keys, kept as long as their order.
CREATE TABLE IF NOT EXISTS commit_keys (
  idem       text        PRIMARY KEY,
  user_id    text        NOT NULL,
  body_hash  bytea       NOT NULL,
  order_id   text        NOT NULL REFERENCES orders,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS commit_keys_of_order ON commit_keys (order_id);

-- A buyer's seat is in one unfinished order at a time. The inventory knows who is committing a seat, not for which order:
-- with two, one being rejected would free the seats under the other.
CREATE TABLE IF NOT EXISTS order_seats (
  sale_id  text NOT NULL,
  user_id  text NOT NULL,
  seat_id  text NOT NULL,
  order_id text NOT NULL,
  CONSTRAINT order_seats_pkey PRIMARY KEY (sale_id, user_id, seat_id)
);

CREATE TABLE IF NOT EXISTS tickets (
  ticket_id    text        PRIMARY KEY,
  order_id     text        NOT NULL REFERENCES orders,
  sale_id      text        NOT NULL,
  seat_id      text        NOT NULL,
  price_minor  bigint      NOT NULL,
  status       text        NOT NULL DEFAULT 'VALID' CHECK (status IN ('VALID', 'CANCELLED')),
  issued_at    timestamptz NOT NULL DEFAULT now(),
  cancelled_at timestamptz,
  -- When the cancelled seat was put on sale again.
  returned_at  timestamptz
);
-- The final word: a seat is sold once per sale.
CREATE UNIQUE INDEX IF NOT EXISTS tickets_live_seat ON tickets (sale_id, seat_id) WHERE status = 'VALID';
CREATE INDEX IF NOT EXISTS tickets_of_order ON tickets (order_id);

-- Outbox: refund_id is the provider's idempotency key. A capture that pays for nothing goes back whole, once, as
-- 'rf_' || payment_id; a cancellation returns a part of it.
CREATE TABLE IF NOT EXISTS refunds (
  refund_id    text        PRIMARY KEY,
  payment_id   text        NOT NULL REFERENCES captures,
  intent_id    text        NOT NULL,
  amount_minor bigint      NOT NULL CHECK (amount_minor > 0),
  reason       text        NOT NULL,
  attempts     integer     NOT NULL DEFAULT 0,
  -- Null once the provider has taken it.
  due_at       timestamptz DEFAULT now(),
  created_at   timestamptz NOT NULL DEFAULT now(),
  refunded_at  timestamptz
);
CREATE INDEX IF NOT EXISTS refunds_due ON refunds (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS refunds_of_intent ON refunds (intent_id);
