-- $1 ticket id; $2 gate; $3 event id, or null for any
-- Returns the ticket, with the row that admitted it; `fresh` when that is this statement's. The ticket is locked against
-- being cancelled meanwhile. No row admits it: it is not live, of a practice round
-- (whose sales are numbered from 1), of another event, or another gate's came while this ran.
with ticket as (
  select t.ticket_id, t.seat_id, t.order_id, t.status, split_part(t.sale_id, '.', 2) <> '0' as practice from tickets t where t.ticket_id = $1 for share
), known as (
  select t.ticket_id, t.seat_id, t.practice, o.event_id, t.status = 'VALID' and e.cancelled_at is null as live
  from ticket t join orders o using (order_id) left join events e on e.event_id = o.event_id
), entered as (
  insert into gate_entries (ticket_id, gate)
  select ticket_id, $2 from known where live and not practice and event_id = coalesce($3, event_id)
  on conflict (ticket_id) do nothing
  returning ticket_id, gate, entered_at
)
select
  k.event_id, k.seat_id, k.live, k.practice, n.ticket_id is not null as fresh,
  coalesce(n.gate, g.gate) as gate, coalesce(n.entered_at, g.entered_at) as entered_at
from known k
left join entered n using (ticket_id)
left join gate_entries g using (ticket_id)
