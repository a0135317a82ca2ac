-- Try an event's current stage again later. KEYS: event record, due zset. ARGV: event id, wait ms, error, 0 if this was no
-- try of it. Returns how often its stage was tried so far.
local clock = redis.call('TIME')
redis.call('HSET', KEYS[1], 'error', ARGV[3], 'waits', 1)
redis.call('ZADD', KEYS[2], clock[1] * 1000 + ARGV[2], 'event:' .. ARGV[1])
return redis.call('HINCRBY', KEYS[1], 'attempts', ARGV[4])
