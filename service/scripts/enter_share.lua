-- Begin a call to a slow forum, if its share of the lane's workers allows: all but one, and one where there is no other.
-- KEYS: zset of its slow calls (place -> until when at the latest, ms), set of the lane's workers
-- ARGV: place, ms that a call takes at the longest. Returns 1, or 0 if it has to wait.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= math.max(1, redis.call('SCARD', KEYS[2]) - 1) then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2] * 2)
return 1
