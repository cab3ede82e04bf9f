-- $1 order id, $2 how the user ids of bots begin
-- Returns the order's sale, when its payment was begun and captured and its tickets issued, how many other orders of the sale have
-- tickets, how many had them earlier, and how many of either are bots'. The tickets of a sale are found by the index that
-- keeps its seats apart.
with mine as (
  select
    o.order_id, o.user_id, o.event_id, o.sale_id,
    (select min(t.issued_at) from tickets t where t.order_id = o.order_id) as issued_at,
    (select i.created_at from payment_intents i where i.intent_id = o.intent_id) as chosen_at,
    (select c.captured_at from captures c where c.intent_id = o.intent_id and c.pays) as paid_at
  from orders o
  where o.order_id = $1
), others as (
  select t.order_id, starts_with(o.user_id, $2) as is_bot, min(t.issued_at) as issued_at
  from tickets t join mine using (sale_id) join orders o on o.order_id = t.order_id
  where t.status = 'VALID' and t.order_id <> mine.order_id
  group by t.order_id, o.user_id
)
select
  mine.user_id, mine.event_id, mine.sale_id,
  (extract(epoch from mine.issued_at) * 1000)::bigint as issued_at_ms,
  (extract(epoch from mine.chosen_at) * 1000)::bigint as chosen_at_ms,
  (extract(epoch from mine.paid_at) * 1000)::bigint as paid_at_ms,
  (select count(*) from others)::integer as others,
  (select count(*) from others where is_bot)::integer as other_bots,
  (select count(*) from others where others.issued_at < mine.issued_at)::integer as faster,
  (select count(*) from others where others.issued_at < mine.issued_at and is_bot)::integer as faster_bots
from mine
