-- $1 intent ids, locked; $2 whether to look up taken seats
-- Returns each intent with its order, if it has one, and
--   paying   the payment that pays for it
--   overdue  the order's deadline has passed
--   event_cancelled  the event does not take place
--   taken    seats somebody has a live ticket for
select
  i.intent_id, i.user_id, i.event_id, i.sale_id, i.seat_ids, i.amount_minor, i.currency,
  o.order_id, o.status, o.idem, o.attempt, o.refusal, o.begun_at is not null as begun,
  coalesce(o.deadline_at <= now(), false) as overdue,
  c.payment_id as paying,
  exists (select from events e where e.event_id = i.event_id and e.cancelled_at is not null) as event_cancelled,
  case when $2::boolean then array(
    select t.seat_id from tickets t
    where t.sale_id = i.sale_id and t.seat_id = any (i.seat_ids) and t.status = 'VALID'
  ) else '{}' end as taken
from payment_intents i
left join orders o on o.intent_id = i.intent_id and not o.alone
left join captures c on c.intent_id = i.intent_id and c.pays
where i.intent_id = any ($1::text[])
order by i.intent_id
