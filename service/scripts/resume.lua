-- Facts have come for a waiting event: back to be decided. KEYS: event record, due zset.
-- ARGV: event id, facts JSON, ms until a lost job is due. Returns 0 if the event was not waiting.
if redis.call('HGET', KEYS[1], 'state') ~= 'waiting' then return 0 end
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
redis.call('HSET', KEYS[1], 'state', 'queued', 'facts', ARGV[2], 'queued_at', now, 'attempts', 0)
redis.call('ZADD', KEYS[2], now + ARGV[3], 'event:' .. ARGV[1])
return 1
