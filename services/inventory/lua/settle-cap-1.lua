-- Brings a buyer's entries to what became of their holds. Only what has a higher fence than the entry counts, and nothing is
-- added but a hold split off one that is there: a call that comes late changes nothing.
--
-- KEYS  1 hash of a bucket of buyers (take-cap)
-- ARGV  1 userId   then for each hold: holdId, fence, seats (0 when it is gone), expiresAtMs (0 when it no longer lapses),
--       holdId it was split off or -
-- Returns how many entries changed

local text = redis.call('HGET', KEYS[1], ARGV[1])
if not text then return 0 end
local order, entry_of, fence_of = {}, {}, {}
for entry, id, fence in string.gmatch(text, '(([^%s;]+) %d+ (%d+) %d+;)') do
  order[#order + 1] = id
  entry_of[id], fence_of[id] = entry, tonumber(fence)
end

local changed = 0
for index = 2, #ARGV, 5 do
  local id, fence, seats, expires, from = unpack(ARGV, index, index + 4)
  local known = fence_of[from == '-' and id or from]
  if known and tonumber(fence) > known then
    if seats == '0' then
      entry_of[id], fence_of[id] = nil, nil
    else
      if not fence_of[id] then order[#order + 1] = id end
      entry_of[id] = id .. ' ' .. seats .. ' ' .. fence .. ' ' .. expires .. ';'
      fence_of[id] = tonumber(fence)
    end
    changed = changed + 1
  end
end
if changed == 0 then return 0 end

local left, written = {}, {}
for _, id in ipairs(order) do
  if entry_of[id] and not written[id] then left[#left + 1] = entry_of[id] end
  written[id] = true
end
redis.call('HSET', KEYS[1], ARGV[1], table.concat(left))
return changed
