-- $1 order id. Locked, so that two cancellations, or one and the telling of the stores, come one after the other.
select o.order_id, o.user_id, o.event_id, o.status, o.intent_id, c.payment_id
from orders o
left join captures c on c.intent_id = o.intent_id and c.pays and not o.alone
where o.order_id = $1
for no key update of o
