-- End a timer, unless it was set anew since it was read. KEYS: the timers of a person. ARGV: group, value as read.
-- Returns 1 if it was ended.
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
return redis.call('HDEL', KEYS[1], ARGV[1])
