-- $1 refund ids the provider has taken on. What is shown of their payments changes: ended orders come due.
with finished as (
  update refunds set refunded_at = now(), due_at = null
  where refund_id = any ($1::text[]) and refunded_at is null
  returning intent_id
), locked as (
  select order_id from orders
  where intent_id in (select intent_id from finished) and not alone and status in ('CONFIRMED', 'REJECTED', 'CANCELLED')
  order by order_id
  for no key update
)
update orders o set due_at = now(), updated_at = now()
from locked l
where o.order_id = l.order_id
returning o.order_id
