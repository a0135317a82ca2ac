-- Right before a write leaves: is the claim still ours? Then from here on the outcome is unknown until it is known.
-- KEYS: action record. ARGV: fence. Returns 1, or 0 if another worker has claimed the action since.
if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[1] then return 0 end
local clock = redis.call('TIME')
local marks = redis.call('HMGET', KEYS[1], 'forum', 'item', 'slot')
if marks[2] then redis.call('HDEL', 'modbot:set:' .. marks[1] .. ':' .. marks[2], marks[3]) end
redis.call('HSETNX', KEYS[1], 'first_sent_at', clock[1])
redis.call('HSET', KEYS[1], 'state', 'sent', 'last_sent_at', clock[1])
return 1
