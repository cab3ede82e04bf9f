-- $1 json: [{order_id, attempt, sent}] of orders whose hold no longer lapses; sent: their message is on the queue, too
-- $2 milliseconds until the sweeper sends what was not sent
-- $3 seconds until it sends again what was, doubling with every attempt
-- Orders that somebody has locked are being moved on by their message: they are left alone. Returns the order_id of the rest.
with marks as (
  select * from json_to_recordset($1::json) as m (order_id text, attempt integer, sent boolean)
), picked as (
  select o.order_id, m.sent
  from orders o join marks m using (order_id)
  where o.status in ('WAITING_FOR_HOLD', 'PROCESSING') and o.attempt = m.attempt
  for no key update of o skip locked
)
update orders o
set
  status = 'PROCESSING',
  begun_at = coalesce(o.begun_at, now()),
  sent_at = case when p.sent then now() end,
  deadline_at = null,
  due_at = case
    when p.sent then now() + $3::integer * 2 ^ least(o.attempt - 1, 10) * interval '1 second'
    else now() + $2::integer * interval '1 millisecond' end
from picked p
where o.order_id = p.order_id
returning o.order_id
