-- Tells whether a buyer holds all of some seats, or is committing or has bought them.
--
-- KEYS  the section's (section.lua)
-- ARGV  1 epoch   2 userId   3 seats in ascending order, comma-separated
-- Returns 'held' | 'not-held' | {'rebuilding'} | {'stale'}

local refusal = open_section()
if refusal then return refusal end

local _, rest = gather(split_seats(ARGV[3]), function(hold)
  return hold.owner == ARGV[2] and not has_lapsed(hold)
end)
return #rest == 0 and 'held' or 'not-held'
