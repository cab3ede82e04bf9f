-- Puts buyers' entries back from what lock items and tickets tell, before the sale's seats are published. All entries that
-- have a fence are told anew, some under other holdIds, or are no more; those without may belong to a hold being placed.
--
-- KEYS  1 hash of a bucket of buyers (take-cap)
-- ARGV  1 when the key expires, epoch milliseconds   then for each buyer: userId, entries as in the hash
-- Returns how many buyers there are now

for index = 2, #ARGV, 2 do
  local entries = ARGV[index + 1]
  local known = redis.call('HGET', KEYS[1], ARGV[index])
  for entry, id in string.gmatch(known or '', '(([^%s;]+) %d+ 0 %d+;)') do
    if not string.find(ARGV[index + 1], id .. ' ', 1, true) then entries = entries .. entry end
  end
  redis.call('HSET', KEYS[1], ARGV[index], entries)
end
redis.call('PEXPIREAT', KEYS[1], ARGV[1])
return redis.call('HLEN', KEYS[1])
