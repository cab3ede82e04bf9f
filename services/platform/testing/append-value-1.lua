-- Appends to a list, for the tests of the script loader.
-- KEYS: 1 the list
-- ARGV: 1 the value; `fail` fails
-- Returns the length of the list.
if ARGV[1] == 'fail' then
  return redis.error_reply('ERR asked to fail')
end
return redis.call('RPUSH', KEYS[1], ARGV[1])
