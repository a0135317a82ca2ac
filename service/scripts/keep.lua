-- Keep what was read of some objects, and end the turn to read them. What is known to have changed since the read began
-- is not kept.
-- KEYS: zset of the ids that somebody reads. ARGV: prefix of the objects' keys, ms at which the read began, then of each
--       object: id, its JSON (empty: it was not read), seconds to keep it
local prefix, began = ARGV[1], tonumber(ARGV[2])
for i = 3, #ARGV, 3 do
  local id, value, seconds = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local key = prefix .. id
  redis.call('ZREM', KEYS[1], id)
  if value ~= '' and tonumber(redis.call('HGET', key, 'at') or 0) <= began then
    redis.call('HSET', key, 'at', ARGV[2], 'value', value)
    redis.call('EXPIRE', key, seconds)
  end
end
