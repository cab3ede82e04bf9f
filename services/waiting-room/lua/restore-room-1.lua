-- Writes a record where there is none, or an older one: a new room, a server that was emptied, a replica that took over
-- without the last writes. The counter only ever goes up.
--
-- KEYS[1]  room:{saleId}
-- ARGV[1]  version
-- ARGV[2]  counter, at least
-- ARGV[3]  when the record may be forgotten, epoch ms
-- ARGV[4…] all other fields: name, value, name, value …
--
-- Returns 1 written, 0 the record is as new; only its counter may have been raised

local key = KEYS[1]
local stored = redis.call('HMGET', key, 'version', 'next')
local raised = tonumber(ARGV[2]) > tonumber(stored[2] or -1)
if stored[1] and tonumber(stored[1]) >= tonumber(ARGV[1]) then
  if raised then
    redis.call('HSET', key, 'next', ARGV[2])
  end
  return 0
end
redis.call('HSET', key, 'version', ARGV[1], 'expireAt', ARGV[3], unpack(ARGV, 4))
if raised then
  redis.call('HSET', key, 'next', ARGV[2])
end
redis.call('PEXPIREAT', key, ARGV[3])
return 1
