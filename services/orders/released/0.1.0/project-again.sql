-- $1 order ids whose seats began to commit, maybe after the order was rejected: then they have to be freed once more
with locked as (
  select order_id from orders
  where order_id = any ($1::text[]) and status = 'REJECTED' and not alone and begun_at is null
  order by order_id
  for no key update
)
update orders o set begun_at = now(), projected_at = null, due_at = now()
from locked l
where o.order_id = l.order_id
