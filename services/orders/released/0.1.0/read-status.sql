-- $1 commit keys
select k.idem, v.*
from commit_keys k join order_views v using (order_id)
where k.idem = any ($1::text[])
