-- $1 json: [{order_id, requeue, refusal, failed}]; their intents are locked
--   requeue  the capture an order waited for has come: it is sent once more
--   refusal  why whoever settles the order is to reject it
--   failed   the provider reported a failure: an unpaid order has only the grace left
-- $2 seconds of grace, $3 milliseconds until the sweeper sends what was not sent
-- Ended orders only come due, so that their new payment is shown.
with asked as (
  select * from json_to_recordset($1::json) as a (order_id text, requeue boolean, refusal text, failed boolean)
), locked as (
  select o.order_id, a.requeue, a.refusal, a.failed, o.status in ('CONFIRMED', 'REJECTED', 'CANCELLED') as ended
  from orders o join asked a using (order_id)
  order by o.order_id
  for no key update of o
)
update orders o
set
  status = case when l.requeue then 'PROCESSING' else o.status end,
  attempt = case when l.requeue then o.attempt + 1 else o.attempt end,
  sent_at = case when l.requeue then null else o.sent_at end,
  refusal = coalesce(o.refusal, l.refusal),
  deadline_at = case
    when l.requeue then null
    when l.failed and not l.ended then least(o.deadline_at, now() + $2::integer * interval '1 second')
    else o.deadline_at end,
  due_at = case
    when l.ended then now()
    when l.requeue then now() + $3::integer * interval '1 millisecond'
    when l.failed and o.status = 'AWAITING_PAYMENT' then least(o.due_at, now() + $2::integer * interval '1 second')
    else o.due_at end,
  updated_at = now()
from locked l
where o.order_id = l.order_id
