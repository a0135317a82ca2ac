-- Is an event the first in a scope for a span of time on either side of it? Then it is kept as such.
-- KEYS: scope. ARGV: event, at, the span's edges as ZCOUNT takes them, most events, seconds to keep them. Returns 1 or 0.
if redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 1 end
if redis.call('ZCOUNT', KEYS[1], ARGV[3], ARGV[4]) > 0 then return 0 end
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -(ARGV[5] + 1))
redis.call('EXPIRE', KEYS[1], ARGV[6])
return 1
