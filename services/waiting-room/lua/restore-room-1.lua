-- Gives a sale's room a new counter, and a record where there is none or not the right one: a new room, a server that was
-- emptied, a replica that took over without the last writes.
--
-- KEYS[1]  room:{saleId}
-- ARGV[1]  generation of the counter
-- ARGV[2]  one more than the highest index ever reserved: there the counter begins
-- ARGV[3]  version the record had when it was found wanting, or empty when there was none
-- ARGV[4]  version it gets
-- ARGV[5]  when the record may be forgotten, epoch ms
-- ARGV[6…] all other fields: name, value, name, value …
--
-- Returns 1 written, 0 there is a later counter already. Where somebody has changed the record since it was found wanting, only
-- the counter is: what is wrong with it now, if anything, is found out by reading it again.

local key = KEYS[1]
local stored = redis.call('HMGET', key, 'version', 'generation', 'next')
if stored[2] and tonumber(stored[2]) >= tonumber(ARGV[1]) then
  return 0
end
-- A process of an older version leases without looking at the reserve.
local first = string.format('%.0f', math.max(tonumber(ARGV[2]), tonumber(stored[3] or 0)))
-- Whose record it is: a server has another replication id each time it becomes a master. Version 0.1.0 goes by the process.
redis.call('HSET', key, 'generation', ARGV[1], 'next', first, 'reserved', ARGV[2],
  'replication', string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)'),
  'server', string.match(redis.call('INFO', 'server'), 'run_id:(%w+)'))
if (stored[1] or '') == ARGV[3] then
  redis.call('HSET', key, 'version', ARGV[4], 'expireAt', ARGV[5], unpack(ARGV, 6))
  redis.call('PEXPIREAT', key, ARGV[5])
end
return 1
