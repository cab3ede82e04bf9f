-- $1 sale ids
-- One row per sale: its orders by state, what was captured for them, and what goes back. A refund counts as failed when it
-- was tried and the provider has not taken it some seconds later.
with counted as (
  select
    sale_id,
    count(*) filter (where status in ('WAITING_FOR_HOLD', 'PROCESSING', 'AWAITING_PAYMENT')) as queue,
    count(*) filter (where status = 'CONFIRMED') as confirmed,
    count(*) filter (where status = 'REJECTED') as rejected,
    count(*) filter (where status = 'CANCELLED') as cancelled,
    min(created_at) filter (where status in ('WAITING_FOR_HOLD', 'PROCESSING', 'AWAITING_PAYMENT')) as oldest_unfinished
  from orders
  where sale_id = any ($1::text[])
  group by sale_id
), paid as (
  select o.sale_id, count(*) as paid
  from orders o join captures c on c.intent_id = o.intent_id and c.pays
  where o.sale_id = any ($1::text[]) and not o.alone
  group by o.sale_id
), refunded as (
  select
    o.sale_id,
    count(*) filter (where r.refunded_at is null) as due,
    count(*) filter (where r.refunded_at is not null) as sent,
    count(*) filter (
      where r.refunded_at is null and (r.attempts > 1 or r.attempts = 1 and r.due_at < now() + interval '10 seconds')
    ) as failed,
    coalesce(sum(r.amount_minor) filter (where r.refunded_at is null), 0)::bigint as due_minor,
    coalesce(sum(r.amount_minor) filter (where r.refunded_at is not null), 0)::bigint as sent_minor
  from orders o join refunds r on r.intent_id = o.intent_id
  where o.sale_id = any ($1::text[]) and not o.alone
  group by o.sale_id
)
select
  sale_id,
  coalesce(queue, 0) as queue,
  coalesce(confirmed, 0) as confirmed,
  coalesce(rejected, 0) as rejected,
  coalesce(cancelled, 0) as cancelled,
  oldest_unfinished,
  coalesce(paid, 0) as paid,
  coalesce(due, 0) as refunds_due,
  coalesce(sent, 0) as refunds_sent,
  coalesce(failed, 0) as refunds_failed,
  coalesce(due_minor, 0) as due_minor,
  coalesce(sent_minor, 0) as sent_minor,
  coalesce(stock.sold, 0) as stock_sold
from unnest($1::text[]) as asked (sale_id)
left join counted using (sale_id)
left join paid using (sale_id)
left join refunded using (sale_id)
left join stock using (sale_id)
