-- Reads a sale's room once for a process, and tells it when the room is to be sealed: from the opening instant on nothing is
-- leased until it is, and the join indexes leased so far are the cohort.
--
-- KEYS[1]  room:{saleId}
-- ARGV[1]  opening instant by the catalogue, epoch ms; taken over until sealed
-- ARGV[2]  when the record may be forgotten, epoch ms
-- ARGV[3]  places taken through this process since its last tick
-- ARGV[4…5] version and places taken that this process has written to PostgreSQL, or two empty strings
--
-- Returns
--   {now}  there is no record
--   {now, 1 to be sealed | 0 sealed, or not due | -1 another server's record, of which nothing was changed, to be saved by
--    this process 0|1, version, counter, opening instant, cohort, sealed at, serving pieces, past pieces, rate override, seed,
--    beacon, places taken, generation, admission}
-- Every value after the third is text, empty where there is none.

local key = KEYS[1]
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

local function state()
  return unpack(redis.call('HMGET', key, 'version', 'next', 'opensAt', 'cohort', 'sealedAt', 'serving', 'past', 'override',
    'seed', 'beacon', 'entered', 'generation', 'admission'))
end

local record = redis.call('HMGET', key, 'version', 'opensAt', 'cohort', 'replication', 'expireAt', 'saved', 'savingAt')
local version, opensAt, cohort = record[1], record[2], record[3]
if not version then
  return {now}
end
if record[4] ~= string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)') then
  return {now, -1, 0, state()}
end

if record[5] ~= ARGV[2] then
  redis.call('HSET', key, 'expireAt', ARGV[2])
  redis.call('PEXPIREAT', key, ARGV[2])
end
if ARGV[3] ~= '0' then
  redis.call('HINCRBY', key, 'entered', ARGV[3])
end

local due = 0
if cohort == '' then
  if opensAt ~= ARGV[1] then
    opensAt = ARGV[1]
    redis.call('HSET', key, 'opensAt', opensAt)
  end
  due = now >= tonumber(opensAt) and 1 or 0
end

local saved = record[6]
if ARGV[4] ~= '' then
  saved = ARGV[4] .. ' ' .. ARGV[5]
  redis.call('HSET', key, 'saved', saved)
end
-- One process at a time saves: whoever finds the last attempt old enough.
local save = 0
if due == 0 and now - tonumber(record[7] or 0) >= 1900 then
  local present = version .. ' ' .. redis.call('HGET', key, 'entered')
  save = saved == present and 0 or 1
end
if save == 1 then
  redis.call('HSET', key, 'savingAt', string.format('%.0f', now))
end

return {now, due, save, state()}
