-- Puts a section that was built aside in place, all at once. An epoch no higher than the section's publishes nothing, so a
-- slow replica cannot undo what a later one published.
--
-- KEYS  1 to 6 the section's (section.lua)   7 to 10 seats, holders, holds, lapses as built
-- ARGV  1 epoch   2 masters   3 rows   4 seatsPerRow   5 free   6 held   7 sold   8 blocked   9 blockedUntilMs
--       10 seq   11 how many holds were built   12 when the keys expire, epoch milliseconds
--       13 wheelchair spaces, as in the header
-- Returns {'published'}
--         {'outdated'}   the section has this epoch or a later one
--         {'moved'}      this server is none of the masters, or what was built is no longer whole

local function discard(outcome)
  redis.call('UNLINK', KEYS[7], KEYS[8], KEYS[9], KEYS[10])
  return {outcome}
end

local epoch = redis.call('HGET', KEYS[1], 'epoch')
if epoch and tonumber(epoch) >= tonumber(ARGV[1]) then return discard('outdated') end
local built = redis.call('STRLEN', KEYS[7]) == tonumber(ARGV[3]) * tonumber(ARGV[4])
  and redis.call('EXISTS', KEYS[8], KEYS[10]) == 2
  -- One more for the member that never goes.
  and redis.call('HLEN', KEYS[9]) == tonumber(ARGV[11]) + 1
if not built or not string.find(ARGV[2], own_replication_id(), 1, true) then return discard('moved') end

redis.call('UNLINK', KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6])
for index = 7, 10 do redis.call('RENAME', KEYS[index], KEYS[index - 5]) end
redis.call('SET', KEYS[6], string.rep(string.char(128 + MAX_RUN), tonumber(ARGV[3])))
redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'masters', ARGV[2], 'seq', ARGV[10], 'version', 0, 'free', ARGV[5],
  'held', ARGV[6], 'sold', ARGV[7], 'blocked', ARGV[8], 'blockedUntilMs', ARGV[9], 'seatsPerRow', ARGV[4],
  'updatedAtMs', string.format('%.0f', server_time_ms()), 'spaces', ARGV[13])
for seat in string.gmatch(ARGV[13], '%d+') do
  local row = math.floor(seat / tonumber(ARGV[4]))
  local field = 'apart:' .. row
  local apart = redis.call('HGET', KEYS[1], field)
  redis.call('HSET', KEYS[1], field, (apart and apart .. ',' or '') .. string.format('%.0f', seat % tonumber(ARGV[4]) + 1))
end
for index = 1, 6 do redis.call('PEXPIREAT', KEYS[index], ARGV[12]) end
return {'published'}
