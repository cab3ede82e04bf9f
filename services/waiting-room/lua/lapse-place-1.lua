-- Forgets a buyer's place, if it is still this one.
--
-- KEYS[1]  place:{saleId:userId}
-- ARGV[1]  join index
--
-- Returns 1 forgotten, 0 the buyer has another place or none

local had = redis.call('GET', KEYS[1])
if had and string.match(had, '^(%d+):') == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
