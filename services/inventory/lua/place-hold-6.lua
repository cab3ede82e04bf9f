-- Holds seats of a section for a buyer: all that are asked for or none.
--
-- KEYS  the section's (section.lua)
-- ARGV  1 epoch   2 replication id of the server the buyer's cap was taken on   3 holdId   4 userId   5 expiresAtMs
--       6 opensAtMs   7 closesAtMs   8 seats in ascending order, comma-separated; empty for the best available
--       9 how many, when best available   10 1 when that is a wheelchair space, with its companion seat when 2
-- Returns {'held', changes, fence, expiresAtMs, seats}   also when this holdId was placed before; without changes in one string
--         {'taken', changes}      an asked seat is not free
--         {'sold-out', changes}   fewer seats free than asked for, of those that are not kept for wheelchairs
--         {'closed', changes}     outside the sale's window
--         {'late', changes}       expiresAtMs has passed
--         {'rebuilding'} | {'stale'}
--
-- Measured on Redis 7.0, a section of 500 rows of 100, a busy machine: one seat 32 µs (34 before ADR 43), taken 28 µs, two best
-- available 51 µs. On a quieter one before: four neighbours 2 µs more than one seat; best available 55 to 75 µs while rows fill,
-- 50 to 85 µs with 99 % sold, 130 µs with every other seat sold. Looking through all rows each time took 3 ms: that is what
-- the bounds in rows are for.

-- Enough to keep up with any rate of holds; the keeper's reaper does the bulk.
local REAPED_PER_HOLD = '8'
-- Cost of a block in half seats off the row's centre. A row back is worth four seats sideways, a single seat left alone
-- between taken ones two rows back.
local ROW_COST = 8
local ORPHAN_COST = 16
-- Where a block may move to leave no orphan: two seats further is the farthest it can need.
local SHIFTS = {0, -1, 1, -2, 2}

local refusal = open_section()
if refusal then return refusal end
if not string.find(section.masters, ARGV[2], 1, true) then return {'rebuilding'} end

local function answer(outcome, ...)
  save_section()
  if #changes == 0 then return table.concat({outcome, ...}, ' ') end
  return {outcome, changes, ...}
end

local id = ARGV[3]
local before = read_hold(id)
if before and before.owner == ARGV[4] and not has_lapsed(before) then
  return table.concat({'held', before.fence, integer(before.expires_at_ms), table.concat(before.seats, ',')}, ' ')
end

local expires_at_ms = tonumber(ARGV[5])
if section.now_ms < tonumber(ARGV[6]) or section.now_ms >= tonumber(ARGV[7]) then return answer('closed') end
if expires_at_ms <= section.now_ms then return answer('late') end
reap(REAPED_PER_HOLD)

-- The asked seats, or nil when one is not free. A lapsed hold nobody has reaped yet does not stand in the way.
local function check_asked(seats)
  local first, last = seats[1], seats[#seats]
  local span = last - first < 512 and redis.call('GETRANGE', KEYS[2], first, last)
  for _, seat in ipairs(seats) do
    local at = seat - first + 1
    local byte = span and string.sub(span, at, at) or redis.call('GETRANGE', KEYS[2], seat, seat)
    if byte == 'h' then
      local hold = hold_of(seat)
      if hold and has_lapsed(hold) then lapse(hold) end
      -- Read again: this lapse, or that of a seat before it, has freed it.
      byte = redis.call('GETRANGE', KEYS[2], seat, seat)
    end
    if byte ~= 'f' then return nil end
  end
  return seats
end

-- Seats of the script's choice, painted; nil when there are none. What chooses them is made only for those who ask for it.
local function best_available()
  local fields = redis.call('HMGET', KEYS[1], 'seatsPerRow', 'spaces')
  -- A section published by a version before has no spaces.
  local per_row, spaces = tonumber(fields[1]), fields[2] or ''

  -- A row's bytes without the seats that are kept for wheelchairs and who comes along.
  local function free_for_all(row, bytes)
    local apart = spaces ~= '' and redis.call('HGET', KEYS[1], 'apart:' .. row)
    if not apart then return bytes end
    for column in string.gmatch(apart, '%d+') do
      column = tonumber(column)
      bytes = string.sub(bytes, 1, column - 1) .. '-' .. string.sub(bytes, column + 1)
    end
    return bytes
  end

  -- The cheapest block of this many neighbours in a row, as its seats; nil when no row has one. Rows that cannot have one are
  -- skipped by their bound; a row found wanting has its bound tightened, so that it is looked at once and not each time.
  local function choose_block(count)
    local centre = (per_row - count) / 2 + 1
    local rows = redis.call('GET', KEYS[6])
    local may_fit = '[' .. string.char(128 + count) .. '-' .. string.char(128 + MAX_RUN) .. ']'
    local best_cost, best
    local row = string.find(rows, may_fit)
    while row do
      local row_cost = (row - 1) * ROW_COST
      if best_cost and row_cost >= best_cost then break end
      local row_start = (row - 1) * per_row
      local longest = 0
      local bytes = free_for_all(row - 1, redis.call('GETRANGE', KEYS[2], row_start, row_start + per_row - 1))
      for first, after in string.gmatch(bytes, '()f+()') do
        if after - first > longest then longest = after - first end
        local last = after - count
        -- The start nearest the centre; no other of this run can cost less, unless this one leaves an orphan.
        local start = centre < first and first or centre > last and last or math.floor(centre)
        if last >= first and (not best_cost or row_cost + 2 * math.abs(start - centre) < best_cost) then
          for _, shift in ipairs(SHIFTS) do
            local shifted = start + shift
            if shifted >= first and shifted <= last then
              local orphan = shifted - first == 1 or last - shifted == 1
              local cost = row_cost + 2 * math.abs(shifted - centre) + (orphan and ORPHAN_COST or 0)
              if not best_cost or cost < best_cost then best_cost, best = cost, row_start + shifted - 1 end
              if not orphan then break end
            end
          end
        end
      end
      if longest < count then redis.call('SETRANGE', KEYS[6], row - 1, string.char(128 + longest)) end
      row = string.find(rows, may_fit, row + 1)
    end
    if not best then return nil end
    local seats = {}
    for seat = best, best + count - 1 do seats[#seats + 1] = seat end
    return seats
  end

  -- Neighbours when any row has as many; else the largest groups that are to be had, best first. Seats come painted.
  local function choose(count)
    if section.free < count then reap(count - section.free) end
    if section.free < count then return nil end
    local chosen, group = {}, math.min(count, per_row)
    while #chosen < count do
      group = math.min(group, count - #chosen)
      local block = choose_block(group)
      if block then
        paint(block, 'f', 'h')
        for _, seat in ipairs(block) do chosen[#chosen + 1] = seat end
      elseif group > 1 then
        group = group - 1
      else
        -- What is left is kept for wheelchairs.
        if spaces == '' then error('section counts ' .. section.free .. ' free seats and has fewer') end
        table.sort(chosen)
        paint(chosen, 'h', 'f')
        return nil
      end
    end
    table.sort(chosen)
    return chosen
  end

  -- A wheelchair space, and its companion seat when two are asked for; painted. A space alone is first taken where the seat
  -- beside it is gone.
  local function choose_space(count)
    local whole
    local function is_free(seat) return redis.call('GETRANGE', KEYS[2], seat, seat) == 'f' end
    for space, companion in string.gmatch(spaces, '(%d+):(%d+)') do
      if is_free(space) then
        local beside = is_free(companion)
        if count == 1 and not beside then
          whole = {tonumber(space)}
          break
        end
        if beside and not whole then
          whole = count == 1 and {tonumber(space)} or {tonumber(space), tonumber(companion)}
          if count == 2 then break end
        end
      end
    end
    if not whole then return nil end
    table.sort(whole)
    paint(whole, 'f', 'h')
    return whole
  end

  return (ARGV[10] == '1' and choose_space or choose)(tonumber(ARGV[9]))
end

local seats
if ARGV[8] == '' then
  seats = best_available()
  if not seats then return answer('sold-out') end
else
  seats = check_asked(split_seats(ARGV[8]))
  if not seats then return answer('taken') end
  paint(seats, 'f', 'h')
end

local hold = {
  id = id, state = 'h', fence = next_fence(), expires_at_ms = expires_at_ms, owner = ARGV[4], seats = seats, reference = '',
}
write_hold(hold)
write_runs(KEYS[3], seats, id)
redis.call('ZADD', KEYS[5], ARGV[5], id)
return answer('held', hold.fence, ARGV[5], table.concat(seats, ','))
