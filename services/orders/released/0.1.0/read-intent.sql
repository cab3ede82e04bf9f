-- $1 intent id
-- Returns the intent with its payment; before the first capture there is no order that shows one.
select
  i.intent_id, i.event_id, i.seat_ids, i.amount_minor, i.currency,
  coalesce(v.payment, json_build_object(
    'intentId', i.intent_id,
    'paymentId', f.payment_id,
    'status', case when f.payment_id is null then 'PENDING' else 'FAILED' end,
    'amount', i.amount_minor,
    'refunded', 0
  )) as payment
from payment_intents i
left join order_views v on v.intent_id = i.intent_id and not v.alone
left join lateral (
  select payment_id from failed_payments f where f.intent_id = i.intent_id order by f.failed_at desc limit 1
) f on true
where i.intent_id = $1
