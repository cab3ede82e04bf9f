-- Tells a sale's counter how many join indexes PostgreSQL has reserved for it.
--
-- KEYS[1]  room:{saleId}
-- ARGV[1]  generation they are reserved for
-- ARGV[2]  one more than the highest reserved index
--
-- Returns 1 told, 0 the record is of another generation

local record = redis.call('HMGET', KEYS[1], 'generation', 'reserved')
if record[1] ~= ARGV[1] then
  return 0
end
if tonumber(ARGV[2]) > tonumber(record[2]) then
  redis.call('HSET', KEYS[1], 'reserved', ARGV[2])
end
return 1
