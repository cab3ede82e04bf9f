-- The events on sale, the stock of unseated tickets, and who took of it. Safe to run again.

create table if not exists events (
  -- What existing clients know an event by.
  number       bigint generated always as identity primary key,
  event_id     text collate "C" not null unique,
  title        text not null,
  home_region  text not null,
  time_zone    text not null,
  -- Null for a practice event, which takes place again and again.
  starts_at    timestamptz,
  -- Of general admission; null when the event is seated.
  capacity     bigint check (capacity >= 0),
  price_minor  bigint check (price_minor >= 0),
  -- The TicketEvent as published; null when the event was created through /api/events.
  ticket_event jsonb,
  -- Goes up with every change: tells processes which rows to read again.
  revision     bigint not null default 1,
  created_at   timestamptz not null default now(),
  updated_at   timestamptz not null default now()
);

create index if not exists events_published on events (number) where ticket_event is not null;

-- One row per sale of unseated tickets, made by the first request for them. The row's lock puts all requests of a sale in
-- order, so half of each page stays free for its new versions (heap-only updates).
create table if not exists stock (
  sale_id      text collate "C" primary key,
  event_number bigint not null references events (number),
  capacity     bigint not null,
  sold         bigint not null default 0,
  constraint stock_within_capacity check (sold between 0 and capacity)
) with (fillfactor = 50);

create table if not exists reservations (
  id              bigint generated always as identity primary key,
  sale_id         text collate "C" not null references stock (sale_id),
  user_id         text collate "C" not null,
  quantity        integer not null check (quantity > 0),
  status          text not null default 'CONFIRMED' check (status in ('CONFIRMED', 'CANCELLED')),
  -- The client's, or one the service made up.
  idempotency_key text collate "C" not null unique,
  created_at      timestamptz not null default now(),
  cancelled_at    timestamptz
);

create index if not exists reservations_of_user on reservations (user_id, id desc);
create index if not exists reservations_toward_limit on reservations (sale_id, user_id) where status = 'CONFIRMED';

-- Decides a batch of requests for one sale's stock, in the order given: each gets all it asks for or nothing, and one that
-- is too large does not stand in the way of a smaller one behind it.
--
-- sale             the saleId; its stock row is made when it is missing
-- stock_capacity   for a new stock row
-- per_buyer        most tickets a buyer may have of this sale; null for no limit
-- keys, buyers, quantities   one element per request
--
-- Returns one row per request, numbered from 1: refusal 'sold-out' or 'limit-reached', or else refusal null and the
-- reservation that has the key. The caller compares: one of another event, buyer or quantity means that the key was used
-- before for something else. fresh tells a reservation this call made from one that was there.
--
-- It is a function and not one statement, because a statement reads everything but the rows it locks as of its beginning:
-- after waiting for the stock row it would not see what the buyers before it took. Each statement of a volatile function
-- reads anew. And it is not a transaction of several round trips, because a process that stalls in the middle of one
-- keeps the whole sale waiting.
--
-- No deadlock: stock is locked before any key, keys in their own order.
create or replace function take_stock(
  sale text, event bigint, stock_capacity bigint, per_buyer integer,
  keys text[], buyers text[], quantities integer[]
) returns table (
  request integer, refusal text, fresh boolean, reservation_id bigint, reservation_event bigint, reservation_user text,
  reservation_quantity integer, reservation_status text, reservation_created_at timestamptz
) language plpgsql volatile
-- A plan is made while the table is still small, and kept while it grows by thousands of rows a second: it must be one
-- that looks each key up by the index. With whole-table plans allowed, 18,000 requests a second (two cores, batches of 400)
-- fell to 4,000 after 120,000 reservations; so it stays at 20,000.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  unsold   bigint;
  taken    bigint;
  asked    record;
  bought   integer[];
  seen     boolean[] := '{}';
  refusals text[] := '{}';
  accepted integer[] := '{}';
  granted  boolean[] := '{}';
begin
  select s.capacity - s.sold into unsold from stock s where s.sale_id = sale for update;
  if not found then
    insert into stock (sale_id, event_number, capacity) values (sale, event, stock_capacity)
      on conflict (sale_id) do nothing;
    select s.capacity - s.sold into unsold from stock s where s.sale_id = sale for update;
  end if;

  for asked in
    select q.place::integer as place, q.quantity, k.id is not null as key_known,
           dense_rank() over (order by q.key)::integer as key_rank,
           dense_rank() over (order by q.buyer)::integer as buyer_rank,
           before.quantity as bought_before
    from unnest(keys, buyers, quantities) with ordinality as q (key, buyer, quantity, place)
    left join reservations k on k.idempotency_key = q.key
    left join lateral (
      select coalesce(sum(r.quantity), 0)::integer as quantity from reservations r
      where per_buyer is not null and r.sale_id = sale and r.user_id = q.buyer and r.status = 'CONFIRMED'
    ) before on true
    order by q.place
  loop
    if asked.key_known or seen[asked.key_rank] then
      continue;
    end if;
    if bought[asked.buyer_rank] is null then
      bought[asked.buyer_rank] := asked.bought_before;
    end if;
    if bought[asked.buyer_rank] + asked.quantity > per_buyer then
      refusals[asked.place] := 'limit-reached';
    elsif asked.quantity > unsold then
      refusals[asked.place] := 'sold-out';
    else
      seen[asked.key_rank] := true;
      bought[asked.buyer_rank] := bought[asked.buyer_rank] + asked.quantity;
      unsold := unsold - asked.quantity;
      accepted := accepted || asked.place;
      granted[asked.place] := true;
    end if;
  end loop;

  if cardinality(accepted) > 0 then
    with made as (
      insert into reservations (sale_id, user_id, quantity, idempotency_key)
      select sale, buyers[place], quantities[place], keys[place] from unnest(accepted) as place order by keys[place]
      -- Another sale's request may have used the key since it was looked up.
      on conflict (idempotency_key) do nothing
      returning quantity
    )
    select coalesce(sum(made.quantity), 0) into taken from made;
    update stock s set sold = s.sold + taken where s.sale_id = sale;
  end if;

  return query
    select place, refusals[place], coalesce(granted[place], false), r.id, s.event_number, r.user_id, r.quantity, r.status, r.created_at
    from generate_series(1, cardinality(keys)) as place
    left join reservations r on refusals[place] is null and r.idempotency_key = keys[place]
    left join stock s on s.sale_id = r.sale_id;
end
$$;
