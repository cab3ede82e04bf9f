-- $1 idempotency keys
select idem, user_id, body_hash from commit_keys where idem = any ($1::text[])
