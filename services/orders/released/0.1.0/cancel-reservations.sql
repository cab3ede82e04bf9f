-- $1 how many at most. Reservations of cancelled events; their stock goes back. Returns how many were cancelled.
with due as (
  select r.id
  from events e
  cross join lateral (
    select id from reservations
    where sale_id > e.event_id || '.' and sale_id < e.event_id || '/' and status = 'CONFIRMED'
    limit $1::integer
    for no key update skip locked
  ) r
  where e.cancelled_at is not null
  limit $1::integer
), cancelled as (
  update reservations r set status = 'CANCELLED', cancelled_at = now()
  from due
  where r.id = due.id and r.status = 'CONFIRMED'
  returning r.sale_id, r.quantity
), returned as (
  update stock s set sold = s.sold - c.quantity
  from (select sale_id, sum(quantity) as quantity from cancelled group by sale_id) c
  where s.sale_id = c.sale_id
)
select count(*) as cancelled from cancelled
