-- An event tells that an item has changed or is gone. Is it the echo of what we did ourselves? If not, what we left there
-- may not stand any more, and what is kept of it is out of date.
-- KEYS: how the item was ended, states in which our writes left it (zset: until when an echo is waited for), what we set
--       of it by slot (hash), what was last heard of it (hash: at, event), then the keys of kept objects that it makes
--       out of date
-- ARGV: the state that it is in (empty: it is gone), `told` if its end is to be remembered, seconds to remember that,
--       seconds to remember the change, when it happened (ms, by the event), the event's id, seconds to remember these
-- Returns 1 for an echo.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
if ARGV[1] == '' then
  if redis.call('GET', KEYS[1]) == 'ours' then return 1 end
  if ARGV[2] ~= '' then redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3]) end
else
  local until_ms = redis.call('ZSCORE', KEYS[2], ARGV[1])
  redis.call('DEL', KEYS[1])
  redis.call('ZREM', KEYS[2], ARGV[1])
  if until_ms and tonumber(until_ms) > now then return 1 end
end
redis.call('DEL', KEYS[3])
redis.call('HSET', KEYS[3], 'changed', clock[1])
redis.call('EXPIRE', KEYS[3], ARGV[4])
if tonumber(redis.call('HGET', KEYS[4], 'at') or 0) <= tonumber(ARGV[5]) then
  redis.call('HSET', KEYS[4], 'at', ARGV[5], 'event', ARGV[6])
  redis.call('EXPIRE', KEYS[4], ARGV[7])
end
for i = 5, #KEYS do
  redis.call('HDEL', KEYS[i], 'value')
  redis.call('HSET', KEYS[i], 'at', now)
  redis.call('EXPIRE', KEYS[i], ARGV[4])
end
return 0
