-- $1 order id
-- Returns the order's sale, when its tickets were issued, how many orders of the sale have tickets, and how many had them
-- earlier. The tickets of a sale are found by the index that keeps its seats apart.
with mine as (
  select o.order_id, o.user_id, o.event_id, o.sale_id, min(t.issued_at) as issued_at
  from orders o left join tickets t on t.order_id = o.order_id
  where o.order_id = $1
  group by o.order_id
), others as (
  select t.order_id, min(t.issued_at) as issued_at
  from tickets t join mine using (sale_id)
  where t.status = 'VALID' and t.order_id <> mine.order_id
  group by t.order_id
)
select
  mine.user_id, mine.event_id, mine.sale_id,
  (extract(epoch from mine.issued_at) * 1000)::bigint as issued_at_ms,
  (select count(*) from others)::integer as others,
  (select count(*) from others where others.issued_at < mine.issued_at)::integer as faster
from mine
