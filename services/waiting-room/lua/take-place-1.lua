-- Gives a buyer a place, or finds the one the buyer has: the first stays, from whatever tab or device.
--
-- KEYS[1]  place:{saleId:userId}
-- ARGV[1]  join index to give, or -1 to look only
-- ARGV[2]  it may be given before this instant only, epoch ms; 0 for any time. Indexes leased before the opening are the
--          cohort's: given out later they would be drawn although their buyer came too late
-- ARGV[3]  when the place may be forgotten, epoch ms
--
-- Returns
--   {0, join index, taken at}  the buyer had this place
--   {1, join index, taken at}  the buyer has it now
--   {2}                        too late for this index; nothing changed
--   {3}                        the buyer has none; nothing changed

local had = redis.call('GET', KEYS[1])
if had then
  local index, takenAt = string.match(had, '^(%d+):(%d+)$')
  return {0, tonumber(index), tonumber(takenAt)}
end
if ARGV[1] == '-1' then
  return {3}
end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local before = tonumber(ARGV[2])
if before > 0 and now >= before then
  return {2}
end
redis.call('SET', KEYS[1], ARGV[1] .. ':' .. string.format('%.0f', now), 'PXAT', ARGV[3])
return {1, tonumber(ARGV[1]), now}
