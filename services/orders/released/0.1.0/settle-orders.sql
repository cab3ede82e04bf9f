-- $1 json: [{order_id, status, reason}], status CONFIRMED, REJECTED or AWAITING_PAYMENT; their intents are locked
-- $2 seconds an order waits for its payment, $3 milliseconds until the sweeper does what should follow at once
-- Confirmed orders get their tickets; a capture of a rejected one becomes a refund. Fails with a unique violation, and
-- changes nothing, when somebody has got a ticket for one of the seats since they were looked up.
-- Returns the orders with how long they took.
with asked as (
  select * from json_to_recordset($1::json) as a (order_id text, status text, reason text)
), locked as (
  select o.order_id, o.intent_id, o.sale_id, o.created_at, a.status, a.reason
  from orders o join asked a using (order_id)
  order by o.order_id
  for no key update of o
), issued as (
  insert into tickets (ticket_id, order_id, sale_id, seat_id, price_minor)
  select 'tkt_' || gen_random_uuid(), l.order_id, l.sale_id, seat.id, seat.price_minor
  from locked l
  join payment_intents i using (intent_id)
  cross join unnest(i.seat_ids, i.seat_prices_minor) as seat (id, price_minor)
  where l.status = 'CONFIRMED'
  -- Two transactions take their seats in the same order, or they would wait for each other.
  order by l.sale_id, seat.id collate "C"
), returned as (
  update captures c set pays = false
  from locked l
  where l.status = 'REJECTED' and c.intent_id = l.intent_id and c.pays
  returning c.payment_id, c.intent_id, c.amount_minor, l.reason
), refunded as (
  insert into refunds (refund_id, payment_id, intent_id, amount_minor, reason)
  select 'rf_' || payment_id, payment_id, intent_id, amount_minor, reason
  from returned
  where amount_minor > 0
  returning refund_id
)
update orders o
set
  status = l.status,
  reason = l.reason,
  deadline_at = case when l.status = 'AWAITING_PAYMENT' then now() + $2::integer * interval '1 second' end,
  due_at = case
    when l.status = 'AWAITING_PAYMENT' then now() + $2::integer * interval '1 second'
    else now() + $3::integer * interval '1 millisecond' end,
  updated_at = now()
from locked l
where o.order_id = l.order_id
returning
  o.order_id, o.status, o.reason,
  extract(epoch from clock_timestamp() - o.created_at)::float8 as seconds,
  exists (select from refunded r join returned t on r.refund_id = 'rf_' || t.payment_id where t.intent_id = o.intent_id) as refund_due
