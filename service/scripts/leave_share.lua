-- A slow call has ended. Where the lane has one worker alone, that is left to other forums for as long as the call took.
-- KEYS: zset of the forum's slow calls, set of the lane's workers. ARGV: place, ms that the call took.
if redis.call('SCARD', KEYS[2]) > 1 or ARGV[2] == '0' then return redis.call('ZREM', KEYS[1], ARGV[1]) end
local clock = redis.call('TIME')
return redis.call('ZADD', KEYS[1], clock[1] * 1000 + math.floor(clock[2] / 1000) + ARGV[2], ARGV[1])
