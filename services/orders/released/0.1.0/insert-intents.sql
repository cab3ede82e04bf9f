-- $1 json: [{intent_id, idempotency_key, body_hash, user_id, event_id, sale_id, seat_ids, seat_prices_minor, amount_minor, currency}]
-- $2 milliseconds until the sweeper may open a payment that was not opened at once
-- Returns the intent_id of those whose key was new. Sorted by key, so that two batches cannot wait for each other.
with created as (
  insert into payment_intents
    (intent_id, idempotency_key, body_hash, user_id, event_id, sale_id, seat_ids, seat_prices_minor, amount_minor, currency)
  select intent_id, idempotency_key, body_hash, user_id, event_id, sale_id, seat_ids, seat_prices_minor, amount_minor, currency
  from json_to_recordset($1::json) as asked (
    intent_id text, idempotency_key text, body_hash text, user_id text, event_id text, sale_id text, seat_ids text[],
    seat_prices_minor bigint[], amount_minor bigint, currency text)
  order by idempotency_key collate "C"
  on conflict (idempotency_key) do nothing
  returning intent_id
), to_open as (
  insert into payments_to_open (intent_id, due_at)
  select intent_id, now() + $2::integer * interval '1 millisecond' from created
)
select intent_id from created
