-- $1 json: [{order_id, intent_id, status, reason, idem}], at most one per intent, the intents locked
-- $2 seconds a paid order waits for its hold, $3 milliseconds until the sweeper sends what was not sent
with asked as (
  select a.order_id, a.status, a.reason, a.idem, i.intent_id, i.user_id, i.event_id, i.sale_id, i.seat_ids, i.amount_minor, i.currency
  from json_to_recordset($1::json) as a (order_id text, intent_id text, status text, reason text, idem text)
  join payment_intents i using (intent_id)
)
insert into orders
  (order_id, intent_id, user_id, event_id, sale_id, seat_ids, amount_minor, currency, status, reason, idem, deadline_at, due_at)
select
  order_id, intent_id, user_id, event_id, sale_id, seat_ids, amount_minor, currency, status, reason, idem,
  case when status = 'WAITING_FOR_HOLD' then now() + $2::integer * interval '1 second' end,
  case when status <> 'REJECTED' then now() + $3::integer * interval '1 millisecond' end
from asked
