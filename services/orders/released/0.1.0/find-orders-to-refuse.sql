-- $1 how many at most. Intents of cancelled events whose orders are still to be decided.
select o.intent_id
from orders o
where
  o.status in ('WAITING_FOR_HOLD', 'PROCESSING', 'AWAITING_PAYMENT') and o.due_at is not null
  and o.event_id = any (array(select e.event_id from events e where e.cancelled_at is not null))
limit $1::integer
