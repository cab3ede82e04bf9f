-- $1 order ids. Ended orders the stores have to be told of; somebody else's work on one is left to them. Locked until the
-- transaction ends: what is told of one order is told in the order it happened.
select order_id, intent_id, user_id, event_id, sale_id, seat_ids, status, projected_at is not null as projected
from orders
where order_id = any ($1::text[]) and due_at is not null and not alone and status in ('CONFIRMED', 'REJECTED', 'CANCELLED')
order by order_id
for no key update skip locked
