-- Brings a buyer's entries to what became of their holds. Only what has a higher fence than the entry counts, and nothing is
-- added but a hold split off one that is there: a call that comes late changes nothing.
--
-- KEYS  1 hash of the buyer (take-cap)
-- ARGV  for each hold: holdId, fence, seats (0 when it is gone), expiresAtMs (0 when it no longer lapses), holdId it was split
--       off or -
-- Returns how many entries changed

local changed = 0
for index = 1, #ARGV, 5 do
  local id, fence, seats, expires, from = unpack(ARGV, index, index + 4)
  local entry = redis.call('HGET', KEYS[1], from == '-' and id or from)
  if entry and tonumber(fence) > tonumber(string.match(entry, '^%d+ (%d+)')) then
    if seats == '0' then
      redis.call('HDEL', KEYS[1], id)
    else
      redis.call('HSET', KEYS[1], id, seats .. ' ' .. fence .. ' ' .. expires)
    end
    changed = changed + 1
  end
end
return changed
