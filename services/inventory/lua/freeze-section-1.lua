-- Stops a section until it is published anew: every script answers that it is rebuilding.
--
-- KEYS  1 header (section.lua)
-- ARGV  1 the epoch it will be published in
-- Returns 1 when it was stopped, 0 when it is gone or already of that epoch

local epoch = redis.call('HGET', KEYS[1], 'epoch')
if not epoch or tonumber(epoch) >= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'masters', '')
return 1
