-- Puts a buyer's entries back from what lock items and tickets tell, before the sale's seats are published. All entries that
-- have a fence are told anew, some under other holdIds, or are no more; those without may belong to a hold being placed.
--
-- KEYS  1 hash of the buyer (take-cap)
-- ARGV  1 when the key expires, epoch milliseconds   then for each hold: holdId, fence, seats, expiresAtMs (0 when it no
--       longer lapses)
-- Returns how many fields there are now

local known = redis.call('HGETALL', KEYS[1])
for index = 1, #known, 2 do
  if not string.match(known[index + 1], '^%d+ 0 ') and known[index] ~= 'used' then redis.call('HDEL', KEYS[1], known[index]) end
end
local entries = {'used', '1'}
for index = 2, #ARGV, 4 do
  entries[#entries + 1] = ARGV[index]
  entries[#entries + 1] = ARGV[index + 2] .. ' ' .. ARGV[index + 1] .. ' ' .. ARGV[index + 3]
end
redis.call('HSET', KEYS[1], unpack(entries))
redis.call('PEXPIREAT', KEYS[1], ARGV[1])
return redis.call('HLEN', KEYS[1])
