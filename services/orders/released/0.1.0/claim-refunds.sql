-- $1 how many at most. Those that are due come due again after a growing delay, unless they are finished before.
with due as (
  select refund_id from refunds
  where due_at <= now()
  order by due_at
  limit $1::integer
  for update skip locked
)
update refunds r
set attempts = r.attempts + 1, due_at = now() + least(300, 15 * 2 ^ least(r.attempts, 10)) * interval '1 second'
from due
where r.refund_id = due.refund_id
returning r.refund_id, r.payment_id, r.intent_id, r.amount_minor, r.attempts
