-- What the section scripts share; section-script.ts puts it in front of each of them, and section-parts.lua behind it where
-- seats are gathered by their holds.
--
-- KEYS of a section, in this order in every script:
--   1 header   hash: epoch, masters (of the servers its sale was published on, empty while it is being rebuilt: redis-masters.ts),
--              seq (last fence given), version (changes with the seat bytes), free, held, sold, blocked, updatedAtMs,
--              blockedUntilMs, seatsPerRow, spaces ("space:companion,…": wheelchair spaces and the seats beside them),
--              apart:<row> (their columns in that row, from 1); rows of a header count from 0
--   2 seats    string, one byte a seat: f free, h held or committing, s sold, b blocked
--   3 holders  string, 18 bytes a seat: holdId of the last hold on it; means something only while that hold lists the seat
--   4 holds    hash: holdId -> "state fence expiresAtMs owner seat,seat,… reference"; state h held, c committing (reference:
--              intentId), s sold (reference: "orderId intentId"). A reference ends in '+' once the hold was split: it was split
--              off another, or another off it, or it gave seats back. Then lock items of one hold still speak for seats of
--              another, and none may be removed
--   5 lapses   sorted set: holdId by expiresAtMs, of holds in state h
--   6 rows     string, one byte a row: 128 + an upper bound of its longest run of free seats, at most 50
-- Measured, 10,000 holds of one seat: 26 bytes a holder, 117 a hold, 129 a lapse, beside 1 byte a seat.
-- Holds and lapses carry one member that never goes, so that no key comes to be or vanishes in mid-sale: a missing one is
-- a lost one. ARGV[1] is the epoch the caller knows; an empty one goes with any.
--
-- A change tells the caller what became of a hold: "holdId state fence expiresAtMs owner seats from reference", state x when
-- it is gone, seats what it has now (of one that is gone: had; - when unknown), from the hold it was split off or -.

local HOLD_ID_BYTES = 18
local MAX_RUN = 50

local section, changes, recounted = {}, {}, {}

-- Exact to 2^53, as Lua's numbers are. One handed to Redis as it is, or formatted as %.0f, is printed as a double: dearer.
local function integer(number) return string.format('%d', number) end

-- Reading it off the server itself costs 3 µs of INFO. What a connection remembers is cheaper and may be the id of the
-- server before a failover: the one case it is there for. Other ways: ADR 43.
local function own_replication_id()
  local info = redis.call('INFO', 'replication')
  local _, before = string.find(info, 'master_replid:', 1, true)
  return string.sub(info, before + 1, before + 40)
end

local function server_time_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Returns nil when the section may be worked on, else the answer to give: {'rebuilding'}, or {'stale'} when the caller knows
-- an older epoch than the section's.
local function open_section()
  if redis.call('EXISTS', unpack(KEYS, 1, math.min(#KEYS, 6))) < math.min(#KEYS, 6) then return {'rebuilding'} end
  local fields = redis.call('HMGET', KEYS[1], 'epoch', 'masters', 'seq', 'version', 'free', 'held', 'sold', 'blocked')
  section.masters = fields[2]
  if not fields[1] or not string.find(fields[2], own_replication_id(), 1, true) then return {'rebuilding'} end
  section.epoch = tonumber(fields[1])
  if ARGV[1] ~= '' and ARGV[1] ~= fields[1] then
    return {section.epoch > tonumber(ARGV[1]) and 'stale' or 'rebuilding'}
  end
  section.seq = tonumber(fields[3])
  section.version = tonumber(fields[4])
  section.free = tonumber(fields[5])
  section.held = tonumber(fields[6])
  section.sold = tonumber(fields[7])
  section.blocked = tonumber(fields[8])
  section.now_ms = server_time_ms()
  return nil
end

-- What few calls need of the header.
local function header_number(field) return tonumber(redis.call('HGET', KEYS[1], field)) end

-- Writes what has changed and nothing else: each field is looked up in the header, and goes to the replicas.
local function save_section()
  if not section.touched then return end
  local fields = {'seq', integer(section.seq), 'updatedAtMs', integer(section.now_ms)}
  if next(recounted) then
    fields[5], fields[6] = 'version', integer(section.version + 1)
    for count in pairs(recounted) do
      fields[#fields + 1] = count
      fields[#fields + 1] = integer(section[count])
    end
  end
  redis.call('HSET', KEYS[1], unpack(fields))
end

-- Above every fence given before, also before a rebuild: the epoch is the high half.
local function next_fence()
  section.seq = section.seq + 1
  section.touched = true
  return integer(section.epoch * 4294967296 + section.seq)
end

local function split_seats(text)
  local seats = {}
  for seat in string.gmatch(text, '%d+') do seats[#seats + 1] = tonumber(seat) end
  return seats
end

-- One SETRANGE for each run of neighbours; seats are in ascending order.
local function write_runs(key, seats, bytes)
  local first = 1
  while first <= #seats do
    local last = first
    while seats[last + 1] == seats[last] + 1 do last = last + 1 end
    redis.call('SETRANGE', key, integer(seats[first] * #bytes), string.rep(bytes, last - first + 1))
    first = last + 1
  end
end

local COUNT_OF = {f = 'free', h = 'held', s = 'sold', b = 'blocked'}

-- Seats go from one state to another, in the bytes and in the counts.
local function paint(seats, from, to)
  if #seats == 0 or from == to then return end
  write_runs(KEYS[2], seats, to)
  from, to = COUNT_OF[from], COUNT_OF[to]
  section[from] = section[from] - #seats
  section[to] = section[to] + #seats
  section.touched, recounted[from], recounted[to] = true, true, true
  if to == 'free' then
    -- Freed seats may have joined longer runs. Set to the most a row can have; choosing seats tightens it again.
    local written, per_row = -1, header_number('seatsPerRow')
    for _, seat in ipairs(seats) do
      local row = math.floor(seat / per_row)
      if row ~= written then redis.call('SETRANGE', KEYS[6], row, string.char(128 + MAX_RUN)) end
      written = row
    end
  end
end

local function read_hold(id)
  local text = redis.call('HGET', KEYS[4], id)
  if not text then return nil end
  local state, fence, expires, owner, seats, reference = string.match(text, '^(%a) (%d+) (%d+) (%S+) (%S+) (.*)$')
  local split = string.sub(reference, -1) == '+'
  if split then reference = string.gsub(reference, ' ?%+$', '') end
  return {
    id = id, state = state, fence = fence, expires_at_ms = tonumber(expires), owner = owner, seats = split_seats(seats),
    reference = reference, split = split,
  }
end

local function full_reference(hold)
  if not hold.split then return hold.reference end
  return hold.reference == '' and '+' or hold.reference .. ' +'
end

-- The hold a seat belongs to now, whatever its state; nil for a free or blocked seat.
local function hold_of(seat)
  local id = redis.call('GETRANGE', KEYS[3], integer(seat * HOLD_ID_BYTES), integer((seat + 1) * HOLD_ID_BYTES - 1))
  local hold = read_hold(id)
  if not hold then return nil end
  for _, own in ipairs(hold.seats) do
    if own == seat then return hold end
  end
  return nil
end

local function report(hold, state, from)
  changes[#changes + 1] = string.format('%s %s %s %d %s %s %s %s', hold.id, state or hold.state, hold.fence,
    hold.expires_at_ms, hold.owner, table.concat(hold.seats, ','), from or '-', full_reference(hold))
end

local function write_hold(hold)
  redis.call('HSET', KEYS[4], hold.id, string.format('%s %s %d %s %s %s', hold.state, hold.fence, hold.expires_at_ms,
    hold.owner, table.concat(hold.seats, ','), full_reference(hold)))
end

-- Ends a hold; its seats are painted by the caller.
local function end_hold(hold)
  redis.call('HDEL', KEYS[4], hold.id)
  if hold.state == 'h' then redis.call('ZREM', KEYS[5], hold.id) end
  hold.fence = next_fence()
  report(hold, 'x')
end

local function has_lapsed(hold)
  return hold.state == 'h' and hold.expires_at_ms <= section.now_ms
end

local function lapse(hold)
  end_hold(hold)
  paint(hold.seats, 'h', 'f')
end

-- Frees at most this many lapsed holds, and the seats of a breaker interval that is over.
local function reap(limit)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[5], '-inf', integer(section.now_ms), 'LIMIT', '0', limit)) do
    lapse(read_hold(id))
  end
  if section.blocked > 0 and header_number('blockedUntilMs') <= section.now_ms then
    local blocked, bytes = {}, redis.call('GET', KEYS[2])
    local at = string.find(bytes, 'b', 1, true)
    while at do
      blocked[#blocked + 1] = at - 1
      at = string.find(bytes, 'b', at + 1, true)
    end
    paint(blocked, 'b', 'f')
  end
end
