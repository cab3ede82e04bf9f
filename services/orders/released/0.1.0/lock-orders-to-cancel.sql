-- $1 how many at most. Orders of cancelled events that have live tickets, locked; somebody else's work on one is left to
-- them. Found by the index that keeps a sale's seats apart, so that looking again costs next to nothing.
-- The sales of an event are those named <event>.<round>, and '/' is the character after '.'.
select o.order_id, o.intent_id
from orders o
where o.order_id in (
  select t.order_id
  from events e
  cross join lateral (
    select order_id from tickets
    where sale_id > e.event_id || '.' and sale_id < e.event_id || '/' and status = 'VALID'
    limit $1::integer
  ) t
  where e.cancelled_at is not null
  limit $1::integer
)
order by o.order_id
for no key update of o skip locked
