-- $1 order ids. Each message is another attempt; a message under way for an earlier one changes nothing any more.
with locked as (
  select order_id from orders
  where order_id = any ($1::text[]) and status = 'PROCESSING'
  order by order_id
  for no key update
)
update orders o set attempt = o.attempt + 1, sent_at = null
from locked l
where o.order_id = l.order_id
returning o.order_id, o.attempt
