-- $1 order ids
-- The contract's order and payment of each, with the commit keys it is known by.
select v.*, array(select k.idem from commit_keys k where k.order_id = v.order_id) as idems
from order_views v
where v.order_id = any ($1::text[])
