-- Holds looked up and changed by their seats: behind section.lua for the scripts that call gather. Functions are made anew in
-- each call of a script, and placing a hold needs none of these.

-- Gathers the asked seats by the hold they belong to: a list of {hold, seats}. allowed(hold) returns whether a hold may be
-- worked on; the seats of others, and free ones, come back as a second list.
local function gather(seats, allowed)
  local parts, part_of, rest = {}, {}, {}
  for _, seat in ipairs(seats) do
    local hold = hold_of(seat)
    if hold and allowed(hold) then
      local part = part_of[hold.id]
      if not part then
        part = {hold = hold, seats = {}}
        part_of[hold.id] = part
        parts[#parts + 1] = part
      end
      part.seats[#part.seats + 1] = seat
    else
      rest[#rest + 1] = seat
    end
  end
  return parts, rest
end

-- Takes seats out of a hold that keeps others.
local function shrink(hold, leaving)
  local gone, kept = {}, {}
  for _, seat in ipairs(leaving) do gone[seat] = true end
  for _, seat in ipairs(hold.seats) do
    if not gone[seat] then kept[#kept + 1] = seat end
  end
  hold.seats = kept
  hold.split = true
  hold.fence = next_fence()
  write_hold(hold)
end

-- Makes the parts' seats holds in the given state and reference: a part that is a whole hold changes in place, the others
-- are split off into one new hold with the spare id.
local function convert(parts, spare_id, state, reference)
  local split
  for _, part in ipairs(parts) do
    local hold = part.hold
    if #part.seats == #hold.seats then
      if hold.state == 'h' then redis.call('ZREM', KEYS[5], hold.id) end
      hold.state, hold.reference, hold.fence = state, reference, next_fence()
      write_hold(hold)
      report(hold)
    else
      split = split or {id = spare_id, owner = hold.owner, seats = {}, expires_at_ms = hold.expires_at_ms, from = hold.id}
      for _, seat in ipairs(part.seats) do split.seats[#split.seats + 1] = seat end
      split.expires_at_ms = math.min(split.expires_at_ms, hold.expires_at_ms)
      shrink(hold, part.seats)
      -- Told before the hold it shrinks: the buyer's cap adds the one where it still finds the other.
      split.shrunk = split.shrunk or {}
      split.shrunk[#split.shrunk + 1] = hold
    end
  end
  if split then
    table.sort(split.seats)
    split.state, split.reference, split.fence, split.split = state, reference, next_fence(), true
    write_hold(split)
    write_runs(KEYS[3], split.seats, split.id)
    report(split, nil, split.from)
    for _, hold in ipairs(split.shrunk) do report(hold) end
  end
end
