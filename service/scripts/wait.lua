-- Put an event to wait for facts from the forum, unless it is planned or final.
-- KEYS: event record, due zset. ARGV: event id, needs JSON, ms until a lost look-up is due.
local state = redis.call('HGET', KEYS[1], 'state')
if state ~= 'queued' and state ~= 'waiting' then return 0 end
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
redis.call('HSET', KEYS[1], 'state', 'waiting', 'needs', ARGV[2], 'queued_at', now)
redis.call('ZADD', KEYS[2], now + ARGV[3], 'event:' .. ARGV[1])
return 1
