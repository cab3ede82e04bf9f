-- Leases a block of join indexes to a process.
--
-- KEYS[1]  room:{saleId}
-- ARGV[1]  how many
--
-- Returns
--   {0}  there is no record, or it is another server's: restore it, then ask again
--   {1}  the sale has opened and is not sealed: tick, then ask again
--   {2, first index, generation, 0 leased before the seal | 1 after it, opening instant as epoch ms, how many more are
--    reserved}
--   {3, first index, generation}  not enough are reserved: reserve more from the first index on, then ask again
--
-- Nothing is leased that is not reserved in PostgreSQL: whatever a replica that takes over has not heard of is below the
-- reserve, and there the next counter begins. Nor from a record another server wrote: that is how a replica is noticed.
--
-- After the seal the counter keeps up with the serving number: an index is given out at most one second's worth of places
-- below it. In a quiet sale the serving number runs ahead of the buyers; without this they could save up hours of
-- unused turns, and a later rush would be let in all at once. While the rate is 0 nobody new is let in.

local record = redis.call('HMGET', KEYS[1], 'replication', 'next', 'opensAt', 'cohort', 'serving', 'reserved', 'generation')
if record[1] ~= string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)') then
  return {0}
end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local first = tonumber(record[2])
local opensAt = tonumber(record[3])
local sealed = 1

if record[4] == '' then
  if now >= opensAt then
    return {1}
  end
  sealed = 0
else
  local number, rate = -1, 0
  for _, piece in ipairs(cjson.decode(record[5])) do
    if piece.since <= now then
      number = math.floor(piece.base + (piece.rate * (now - piece.since)) / 1000)
      rate = piece.rate
    end
  end
  first = math.max(first, number + 1 - math.ceil(rate))
end

local left = tonumber(record[6]) - first - tonumber(ARGV[1])
if left < 0 then
  return {3, first, tonumber(record[7])}
end
redis.call('HSET', KEYS[1], 'next', string.format('%.0f', first + tonumber(ARGV[1])))
return {2, first, tonumber(record[7]), sealed, opensAt, left}
