-- Mixes public randomness into the draw; possible until the opening.
--
-- KEYS[1]  room:{saleId}
-- ARGV[1]  the beacon's value
--
-- Returns 1 set, 0 the sale has opened, -1 there is no record, or it is another server's

local record = redis.call('HMGET', KEYS[1], 'version', 'opensAt', 'cohort', 'replication')
if record[4] ~= string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)') then
  return -1
end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
if record[3] ~= '' or now >= tonumber(record[2]) then
  return 0
end
redis.call('HSET', KEYS[1], 'version', string.format('%.0f', tonumber(record[1]) + 1), 'beacon', ARGV[1])
return 1
