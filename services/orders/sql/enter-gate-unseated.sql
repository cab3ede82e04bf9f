-- $1 reservation id; $2 gate; $3 event id, or null for any
-- Returns the reservation, with what admitted it; `fresh` when that is this statement. Nothing admits it: it is not live, of a
-- practice round (whose sales are numbered from 1), of another event, or another gate's came while this ran.
with known as (
  select
    r.id, r.quantity, r.gate, r.entered_at, split_part(r.sale_id, '.', 1) as event_id,
    split_part(r.sale_id, '.', 2) <> '0' as practice, r.status = 'CONFIRMED' and e.cancelled_at is null as live
  from reservations r left join events e on e.event_id = split_part(r.sale_id, '.', 1)
  where r.id = $1
), entered as (
  update reservations r set entered_at = now(), gate = $2
  from known k
  where r.id = k.id and k.live and not k.practice and k.event_id = coalesce($3, k.event_id)
    -- Of the row as it is once it is locked: another gate, or its buyer who gives it back, may have been first.
    and r.status = 'CONFIRMED' and r.entered_at is null
  returning r.id, r.gate, r.entered_at
)
select
  k.event_id, '' as seat_id, k.quantity, k.live, k.practice, n.id is not null as fresh,
  coalesce(n.gate, k.gate) as gate, coalesce(n.entered_at, k.entered_at) as entered_at
from known k
left join entered n using (id)
