-- Keeps a decision about a sale's admission: its memory for the next one, its outcome for all processes.
--
-- KEYS[1]  admission:{saleId}
-- KEYS[2]  room:{saleId}
-- ARGV[1]  this process
-- ARGV[2]  memory, JSON
-- ARGV[3]  outcome, JSON
--
-- Returns 1 kept, 0 another process steers by now

if redis.call('HGET', KEYS[1], 'leader') ~= ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[1], 'memory', ARGV[2])
-- A room that was lost meanwhile is restored by others, and must not come to be here.
if redis.call('EXISTS', KEYS[2]) == 1 then
  redis.call('HSET', KEYS[2], 'admission', ARGV[3])
end
return 1
