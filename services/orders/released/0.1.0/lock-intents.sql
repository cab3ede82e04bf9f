-- $1 intent ids. Everything about an intent's order and captures changes under this lock. What is decided by is read by a
-- statement after this one: a statement does not see what was committed while it waited for a lock.
select from payment_intents
where intent_id = any ($1::text[])
order by intent_id
for no key update
