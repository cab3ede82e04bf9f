-- $1 order ids
-- Tickets whose seats are sold or yet to be returned; resold: somebody has a live ticket for the seat of a cancelled one.
select t.order_id, t.ticket_id, t.seat_id, t.status = 'VALID' as live,
  t.status <> 'VALID' and exists (
    select from tickets r where r.sale_id = t.sale_id and r.seat_id = t.seat_id and r.status = 'VALID'
  ) as resold
from tickets t
where t.order_id = any ($1::text[]) and t.returned_at is null
