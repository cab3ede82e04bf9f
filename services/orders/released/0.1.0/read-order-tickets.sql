-- $1 order ids
-- Tickets whose seats are sold, or were and have yet to be returned.
select t.order_id, t.ticket_id, t.seat_id, t.status = 'VALID' as live
from tickets t
where t.order_id = any ($1::text[]) and t.returned_at is null
