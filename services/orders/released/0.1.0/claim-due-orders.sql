-- $1 statuses; $2 how many at most; $3 milliseconds nobody else takes them up
-- Returns the orders with whether their deadline has passed and whether their last message was sent.
with due as (
  select order_id from orders
  where status = any ($1::text[]) and due_at <= now()
  order by due_at
  limit $2::integer
  for no key update skip locked
)
update orders o
set due_at = now() + $3::integer * interval '1 millisecond'
from due
where o.order_id = due.order_id
returning
  o.order_id, o.intent_id, o.user_id, o.event_id, o.sale_id, o.seat_ids, o.status, o.idem, o.attempt, o.refusal,
  o.begun_at is not null as begun, coalesce(o.deadline_at <= now(), false) as overdue,
  o.sent_at is not null as sent
