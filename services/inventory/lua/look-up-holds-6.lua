-- Tells what became of holds whose time is over in their buyer's cap; frees those that have lapsed.
--
-- KEYS  the section's (section.lua)
-- ARGV  1 epoch   2… holdIds
-- Returns {'found', changes} with one change for each holdId | {'rebuilding'} | {'stale'}

local refusal = open_section()
if refusal then return refusal end
for index = 2, #ARGV do
  local hold = read_hold(ARGV[index])
  if not hold then
    -- A fence above any the hold can have had: it is gone for good, for its expiry has passed.
    changes[#changes + 1] = string.format('%s x %s 0 - - - ', ARGV[index], next_fence())
  elseif has_lapsed(hold) then
    lapse(hold)
  else
    report(hold)
  end
end
save_section()
return {'found', changes}
