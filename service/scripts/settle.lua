-- End an event without a plan: ignored or dead. One that is planned or final is left as it is.
-- KEYS: event record, due zset, dead zset. ARGV: event id, state, reason, seconds to keep a final record (0: for good),
--       the cause of a death (labels.py), the event's JSON if it is not stored yet. Returns 1 if this ended it.
local state = redis.call('HGET', KEYS[1], 'state')
if state ~= 'queued' and state ~= 'waiting' then return 0 end
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
redis.call('HSET', KEYS[1], 'state', ARGV[2], 'reason', ARGV[3], 'ended_at', now)
if ARGV[6] ~= '' then -- read just now: it takes the place of its delivery
  redis.call('HSET', KEYS[1], 'event', ARGV[6])
  redis.call('HDEL', KEYS[1], 'platform', 'name', 'body')
end
redis.call('ZREM', KEYS[2], 'event:' .. ARGV[1])
if ARGV[2] == 'dead' then
  redis.call('HSET', KEYS[1], 'cause', ARGV[5])
  redis.call('ZADD', KEYS[3], clock[1], 'event:' .. ARGV[1])
else
  redis.call('ZADD', 'modbot:ended', now, ARGV[1])
end
if tonumber(ARGV[4]) > 0 then redis.call('EXPIRE', KEYS[1], ARGV[4]) end
return 1
