-- $1 how many at most, $2 hours after which nobody waits for the payment any more
-- Returns what to open; it comes due again after a growing delay, unless it is deleted as opened.
with given_up as (
  delete from payments_to_open p using payment_intents i
  where p.due_at <= now() and i.intent_id = p.intent_id and i.created_at < now() - $2::integer * interval '1 hour'
), due as (
  select p.intent_id, i.amount_minor, i.currency, i.user_id
  from payments_to_open p join payment_intents i using (intent_id)
  where p.due_at <= now() and i.created_at >= now() - $2::integer * interval '1 hour'
  order by p.due_at
  limit $1::integer
  for update of p skip locked
)
update payments_to_open p
set attempts = p.attempts + 1, due_at = now() + least(300, 10 * 2 ^ least(p.attempts, 10)) * interval '1 second'
from due
where p.intent_id = due.intent_id
returning due.intent_id, due.amount_minor, due.currency, due.user_id
