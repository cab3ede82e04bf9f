-- $1 ids of orders the stores know the end of; $2 ids of those they could not be told, which come due again later
-- $3 tickets whose seats went on sale again
with returned as (
  update tickets set returned_at = now() where ticket_id = any ($3::text[])
)
update orders o
set
  projected_at = case when o.order_id = any ($1::text[]) then now() else o.projected_at end,
  due_at = case when o.order_id = any ($1::text[]) then null else now() + (1 + random() * 4) * interval '1 second' end
where o.order_id = any ($1::text[] || $2::text[])
