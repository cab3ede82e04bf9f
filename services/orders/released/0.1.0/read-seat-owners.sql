-- $1 ids of rejected orders. Who has live tickets for their seats.
select o.order_id as rejected_order_id, owner.order_id, owner.intent_id, owner.user_id, array_agg(t.seat_id) as seat_ids
from orders o
join tickets t on t.sale_id = o.sale_id and t.seat_id = any (o.seat_ids) and t.status = 'VALID'
join orders owner on owner.order_id = t.order_id
where o.order_id = any ($1::text[])
group by o.order_id, owner.order_id
