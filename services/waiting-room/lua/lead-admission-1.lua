-- Makes one process at a time steer a sale's admission. Nothing depends on there being no second one: changes of the rate are
-- compared and set.
--
-- KEYS[1]  admission:{saleId}
-- ARGV[1]  this process
-- ARGV[2]  for how long, milliseconds
-- ARGV[3]  when the record may be forgotten, epoch ms
--
-- Returns {0} another process steers; {1, memory of the last decision, empty where there is none}

local key = KEYS[1]
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local record = redis.call('HMGET', key, 'leader', 'leadsUntil', 'memory')
if record[1] and record[1] ~= ARGV[1] and tonumber(record[2]) > now then
  return {0}
end
redis.call('HSET', key, 'leader', ARGV[1], 'leadsUntil', string.format('%.0f', now + tonumber(ARGV[2])))
redis.call('PEXPIREAT', key, ARGV[3])
return {1, record[3] or ''}
