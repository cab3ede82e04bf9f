-- $1 json: [{idem, user_id, body_hash, order_id}]
-- $2 json: [{order_id, intent_id, user_id, event_id, seat_ids, reason, idem}] of commits refused for what they said
-- $3 json: [{order_id, idem}] of orders that waited for their hold and are committed now
-- $4 milliseconds until the sweeper sends what was not sent
-- Fails with a unique violation when somebody has used a key since it was looked up.
with alone as (
  insert into orders
    (order_id, intent_id, alone, user_id, event_id, seat_ids, amount_minor, currency, status, reason, idem)
  -- XXX is the code of ISO 4217 for no currency: there is no price.
  select order_id, intent_id, true, user_id, event_id, seat_ids, 0, 'XXX', 'REJECTED', reason, idem
  from json_to_recordset($2::json)
    as r (order_id text, intent_id text, user_id text, event_id text, seat_ids text[], reason text, idem text)
), committed as (
  select c.order_id, c.idem
  from orders o join json_to_recordset($3::json) as c (order_id text, idem text) using (order_id)
  order by o.order_id
  for no key update of o
), moved as (
  update orders o
  set status = 'PROCESSING', idem = c.idem, deadline_at = null, updated_at = now(),
    due_at = now() + $4::integer * interval '1 millisecond'
  from committed c
  where o.order_id = c.order_id
)
insert into commit_keys (idem, user_id, body_hash, order_id)
select idem, user_id, body_hash, order_id
from json_to_recordset($1::json) as k (idem text, user_id text, body_hash text, order_id text)
order by idem collate "C"
