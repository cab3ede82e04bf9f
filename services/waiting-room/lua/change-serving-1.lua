-- Replaces the serving pieces and the operator's rate, if nobody else has changed the record meanwhile.
--
-- KEYS[1]  room:{saleId}
-- ARGV[1]  version the change was computed from
-- ARGV[2]  serving pieces, JSON: the one that holds now and the one announced after it
-- ARGV[3]  past pieces, JSON
-- ARGV[4]  rate override, or empty
-- ARGV[5]  when the announced piece begins, epoch ms; 0 when there is no new piece
--
-- Returns 1 changed, 0 the record has another version, is another server's or gone, -1 the piece would begin in less than two seconds

local record = redis.call('HMGET', KEYS[1], 'version', 'replication')
local version = record[1]
if version ~= ARGV[1] or record[2] ~= string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)') then
  return 0
end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local since = tonumber(ARGV[5])
if since > 0 and since < now + 2000 then
  return -1
end
redis.call('HSET', KEYS[1], 'version', string.format('%.0f', tonumber(version) + 1), 'serving', ARGV[2], 'past', ARGV[3],
  'override', ARGV[4])
return 1
