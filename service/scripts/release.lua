-- Give a permit back: the forum has surely received the request by now, so the permit is free one window from now.
-- KEYS: state hash, held zset. ARGV: ticket, window ms.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + clock[2] / 1000
local margin = tonumber(redis.call('HGET', KEYS[1], 'margin') or 0)
redis.call('ZADD', KEYS[2], now + tonumber(ARGV[2]) + margin, ARGV[1])
return 1
