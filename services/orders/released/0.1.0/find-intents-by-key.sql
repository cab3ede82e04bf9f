-- $1 idempotency keys
select intent_id, idempotency_key, body_hash, user_id, amount_minor, currency
from payment_intents
where idempotency_key = any ($1::text[])
