-- Right before a write leaves: is the claim still ours? Then from here on the outcome is unknown until it is known.
-- KEYS: action record. ARGV: fence. Returns 1, or 0 if another worker has claimed the action since.
if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[1] then return 0 end
local clock = redis.call('TIME')
redis.call('HSETNX', KEYS[1], 'first_sent_at', clock[1])
redis.call('HSET', KEYS[1], 'state', 'sent', 'last_sent_at', clock[1])
return 1
