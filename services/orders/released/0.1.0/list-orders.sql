-- $1 userId, $2 how many at most; newest first
select v.* from order_views v
where v.user_id = $1
order by v.created_at desc, v.order_id desc
limit $2::integer
