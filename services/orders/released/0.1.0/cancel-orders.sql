-- $1 order ids, locked; $2 reason of the refunds; $3 milliseconds until the sweeper does what should follow at once
-- Every live ticket becomes cancelled, and what an order's tickets cost goes back in one refund. Tickets its buyer cancelled
-- before went back then.
with cancelled as (
  update tickets set status = 'CANCELLED', cancelled_at = now()
  where order_id = any ($1::text[]) and status = 'VALID'
  returning order_id, price_minor
), sums as (
  select order_id, sum(price_minor)::bigint as amount_minor from cancelled group by order_id
), refunded as (
  insert into refunds (refund_id, payment_id, intent_id, amount_minor, reason)
  select 'rf_' || gen_random_uuid(), c.payment_id, c.intent_id, s.amount_minor, $2
  from sums s
  join orders o using (order_id)
  join captures c on c.intent_id = o.intent_id and c.pays
  where s.amount_minor > 0
)
update orders o
set status = 'CANCELLED', due_at = now() + $3::integer * interval '1 millisecond', updated_at = now()
from sums s
where o.order_id = s.order_id
returning o.order_id
