-- $1 order id, locked; $2 ticket ids to cancel; $3 refund id; $4 payment id
-- $5 milliseconds until the sweeper does what should follow at once
-- Those that are live become cancelled; what they cost goes back in one refund; without live tickets the order is cancelled.
with cancelled as (
  update tickets set status = 'CANCELLED', cancelled_at = now()
  where order_id = $1 and ticket_id = any ($2::text[]) and status = 'VALID'
  returning ticket_id, price_minor
), refunded as (
  insert into refunds (refund_id, payment_id, intent_id, amount_minor, reason)
  select $3, $4, (select intent_id from orders where order_id = $1), sum(price_minor), 'cancelled_by_buyer'
  from cancelled
  having sum(price_minor) > 0
), live as (
  select count(*) as tickets from tickets
  where order_id = $1 and status = 'VALID' and ticket_id not in (select ticket_id from cancelled)
)
update orders o
set
  status = case when live.tickets = 0 then 'CANCELLED' else o.status end,
  due_at = now() + $5::integer * interval '1 millisecond',
  updated_at = now()
from live
where o.order_id = $1 and exists (select from cancelled)
returning o.status
