-- Reads a sale's room once for a process, and is the only script that seals: from the opening instant on, the join indexes
-- leased so far are the cohort, once and for all.
--
-- KEYS[1]  room:{saleId}
-- ARGV[1]  opening instant by the catalogue, epoch ms; taken over until sealed
-- ARGV[2]  places per second to open with; taken over until sealed
-- ARGV[3]  when the record may be forgotten, epoch ms
-- ARGV[4]  places taken through this process since its last tick
-- ARGV[5…6] version and places taken that this process has written to PostgreSQL, or two empty strings
--
-- Returns
--   {now}  there is no record
--   {now, 1 sealed by this call | 0 not sealed by it | -1 another server's record, of which nothing was changed, to be saved by
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

local record = redis.call('HMGET', key, 'version', 'next', 'opensAt', 'cohort', 'expireAt', 'saved', 'savingAt', 'server')
local version, counter, opensAt, cohort = record[1], record[2], record[3], record[4]
if not version then
  return {now}
end
if record[8] ~= string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') then
  return {now, -1, 0, state()}
end

if record[5] ~= ARGV[3] then
  redis.call('HSET', key, 'expireAt', ARGV[3])
  redis.call('PEXPIREAT', key, ARGV[3])
end
if ARGV[4] ~= '0' then
  redis.call('HINCRBY', key, 'entered', ARGV[4])
end

local sealed = 0
if cohort == '' then
  if opensAt ~= ARGV[1] then
    opensAt = ARGV[1]
    redis.call('HSET', key, 'opensAt', opensAt)
  end
  if now >= tonumber(opensAt) then
    -- A room that could not be sealed in time is served from when it is: nobody meters a backlog that never was announced.
    local since = opensAt
    if now - tonumber(opensAt) > 2000 then
      since = string.format('%.0f', now)
    end
    local base = tonumber(ARGV[2]) > 0 and '0' or '-1'
    version = string.format('%.0f', tonumber(version) + 1)
    redis.call('HSET', key, 'version', version, 'cohort', counter, 'sealedAt', string.format('%.0f', now),
      'serving', '[{"base":' .. base .. ',"since":' .. since .. ',"rate":' .. ARGV[2] .. '}]')
    sealed = 1
  end
end

local saved = record[6]
if ARGV[5] ~= '' then
  saved = ARGV[5] .. ' ' .. ARGV[6]
  redis.call('HSET', key, 'saved', saved)
end
-- One process at a time saves: the one that sealed, at once; else whoever finds the last attempt old enough.
local save = sealed
if save == 0 and now - tonumber(record[7] or 0) >= 1900 then
  local present = version .. ' ' .. redis.call('HGET', key, 'entered')
  save = saved == present and 0 or 1
end
if save == 1 then
  redis.call('HSET', key, 'savingAt', string.format('%.0f', now))
end

return {now, sealed, save, state()}
