-- Sold seats of a buyer come to be another name's. Nothing else about them changes, and repeating it changes nothing.
--
-- KEYS  the section's (section.lua)
-- ARGV  1 epoch   2 userId   3 the name instead   4 seats in ascending order, comma-separated
-- Returns {'renamed', {}} | {'rebuilding'} | {'stale'}

local refusal = open_section()
if refusal then return refusal end

local function is_bought(hold) return hold.state == 's' and hold.owner == ARGV[2] end

for _, part in ipairs((gather(split_seats(ARGV[4]), is_bought))) do
  part.hold.owner = ARGV[3]
  write_hold(part.hold)
end
return {'renamed', changes}
