-- Give an action back, to be tried at a later time.
-- KEYS: action record, due zset. ARGV: action id, fence, state (planned, sent, or as_is: sent if it was), wait ms, error,
--       1 if not with others that are alike any more, 0 if this was no try of it.
local record = redis.call('HMGET', KEYS[1], 'fence', 'state')
if record[1] ~= ARGV[2] or (record[2] ~= 'intent' and record[2] ~= 'sent') then return 0 end
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local state = ARGV[3]
if state == 'as_is' then state = record[2] == 'sent' and 'sent' or 'planned' end
redis.call('HSET', KEYS[1], 'state', state, 'lease', 0, 'error', ARGV[5], 'waits', 1)
redis.call('ZADD', KEYS[2], now + ARGV[4], 'action:' .. ARGV[1])
if ARGV[6] == '1' then redis.call('HDEL', KEYS[1], 'alike') end
if ARGV[7] == '0' then redis.call('HINCRBY', KEYS[1], 'attempt', -1) end
local alike = redis.call('HGET', KEYS[1], 'alike')
if alike and state == 'planned' then redis.call('ZADD', 'modbot:alike:' .. alike, now, ARGV[1]) end
return 1
