-- Seats of a cancelled order become free, if they are still sold to it. The order is remembered as returned: marking it
-- sold late, by a worker that died in between, must not take the seats again.
--
-- KEYS  the section's (section.lua)   7 set: orders returned
-- ARGV  1 epoch   2 orderId   3 seats in ascending order, comma-separated   4 when the set expires, epoch milliseconds
-- Returns {'returned', changes, how many seats} | {'rebuilding'} | {'stale'}
--
-- Measured on Redis 7.0: 25 µs for one seat.

local refusal = open_section()
if refusal then return refusal end

local function is_this_order(hold)
  return hold.state == 's' and string.match(hold.reference, '^%S+') == ARGV[2]
end

local returned = 0
for _, part in ipairs((gather(split_seats(ARGV[3]), is_this_order))) do
  if #part.seats == #part.hold.seats then
    end_hold(part.hold)
  else
    shrink(part.hold, part.seats)
    report(part.hold)
  end
  paint(part.seats, 's', 'f')
  returned = returned + #part.seats
end
redis.call('SADD', KEYS[7], ARGV[2])
redis.call('PEXPIREAT', KEYS[7], ARGV[4])
save_section()
return {'returned', changes, returned}
