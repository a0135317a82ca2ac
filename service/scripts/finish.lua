-- Write an action's outcome, and end its event with its last action.
-- KEYS: action record, due zset, dead zset. ARGV: action id, fence, outcome, error, seconds to keep a final record.
-- Returns {1, event id, ms since the event's receipt} for the event's last action, {1} for another, {0} for a lost claim.
local record = redis.call('HMGET', KEYS[1], 'fence', 'state')
if record[1] ~= ARGV[2] or (record[2] ~= 'intent' and record[2] ~= 'sent') then return {0} end
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
redis.call('HSET', KEYS[1], 'state', ARGV[3], 'error', ARGV[4], 'ended_at', now)
redis.call('ZREM', KEYS[2], 'action:' .. ARGV[1])
if ARGV[3] == 'failed' or ARGV[3] == 'unsure' then
  redis.call('ZADD', KEYS[3], clock[1], 'action:' .. ARGV[1])
else
  redis.call('EXPIRE', KEYS[1], ARGV[5])
end
local event = redis.call('HGET', KEYS[1], 'event')
local record = 'modbot:event:' .. event
if redis.call('EXISTS', record) == 0 or redis.call('HINCRBY', record, 'open', -1) > 0 then return {1} end
redis.call('HSET', record, 'state', 'done', 'ended_at', now)
redis.call('EXPIRE', record, ARGV[5])
return {1, event, now - math.floor(tonumber(redis.call('HGET', record, 'received_at')) * 1000)}
