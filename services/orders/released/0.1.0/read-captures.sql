-- $1 payment ids
select payment_id from captures where payment_id = any ($1::text[])
