-- $1 json: [{payment_id, intent_id, amount_minor, pays, reason}]; what does not pay is refunded for the reason
-- $2 json: [{payment_id, intent_id}] of failed payments
with asked as (
  select * from json_to_recordset($1::json)
    as a (payment_id text, intent_id text, amount_minor bigint, pays boolean, reason text)
), kept as (
  insert into captures (payment_id, intent_id, amount_minor, pays)
  select payment_id, intent_id, amount_minor, pays from asked order by payment_id collate "C"
), failed as (
  insert into failed_payments (payment_id, intent_id)
  select payment_id, intent_id from json_to_recordset($2::json) as f (payment_id text, intent_id text)
  order by payment_id collate "C"
  on conflict (payment_id) do nothing
)
insert into refunds (refund_id, payment_id, intent_id, amount_minor, reason)
select 'rf_' || payment_id, payment_id, intent_id, amount_minor, reason
from asked
where not pays and amount_minor > 0
