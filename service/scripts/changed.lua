-- Drop what is kept of objects that have changed, and remember for a while when: a read that began before tells nothing.
-- KEYS: the objects' keys. ARGV: seconds to remember it.
local clock = redis.call('TIME')
for _, key in ipairs(KEYS) do
  redis.call('HDEL', key, 'value')
  redis.call('HSET', key, 'at', clock[1] * 1000 + math.floor(clock[2] / 1000))
  redis.call('EXPIRE', key, ARGV[1])
end
