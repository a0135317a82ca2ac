-- Give an action back, to be tried at a later time.
-- KEYS: action record, due zset. ARGV: action id, fence, state (planned or sent), wait ms, error.
if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[2] then return 0 end
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
redis.call('HSET', KEYS[1], 'state', ARGV[3], 'lease', 0, 'error', ARGV[5], 'waits', 1)
redis.call('ZADD', KEYS[2], now + ARGV[4], 'action:' .. ARGV[1])
return 1
