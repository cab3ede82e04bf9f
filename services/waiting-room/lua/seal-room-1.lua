-- Tells a sale's room of the seal PostgreSQL has, of which there is one for ever.
--
-- KEYS[1]  room:{saleId}
-- ARGV[1]  generation of the counter, in PostgreSQL
-- ARGV[2]  version in PostgreSQL
-- ARGV[3]  one more than the highest index of the cohort
-- ARGV[4…] all other fields: name, value, name, value …
--
-- Returns 1 sealed, 0 it is sealed already, is gone, or has another counter or server by now; nothing changed

local key = KEYS[1]
local record = redis.call('HMGET', key, 'version', 'generation', 'replication', 'cohort', 'next')
if record[2] ~= ARGV[1] or record[3] ~= string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)') or record[4] ~= '' then
  return 0
end
local version = string.format('%.0f', math.max(tonumber(record[1]) + 1, tonumber(ARGV[2])))
local first = string.format('%.0f', math.max(tonumber(record[5]), tonumber(ARGV[3])))
redis.call('HSET', key, 'version', version, 'next', first, 'cohort', ARGV[3], unpack(ARGV, 4))
return 1
