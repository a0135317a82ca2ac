-- Put an event to wait for facts from the forum, unless it is planned or final.
-- KEYS: event record, due zset, then zsets of what is wanted (workers/facts.py)
-- ARGV: event id, needs JSON, ms until a lost look-up is due, how many are remembered as wanted, seconds to do so,
--       the event's JSON if it is not stored yet, then the id that is wanted in each
local state = redis.call('HGET', KEYS[1], 'state')
if state ~= 'queued' and state ~= 'waiting' then return 0 end
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
redis.call('HSET', KEYS[1], 'state', 'waiting', 'needs', ARGV[2], 'queued_at', now)
redis.call('HSETNX', KEYS[1], 'asked_at', now)
if ARGV[6] ~= '' then -- read just now: it takes the place of its delivery
  redis.call('HSET', KEYS[1], 'event', ARGV[6])
  redis.call('HDEL', KEYS[1], 'platform', 'name', 'body')
end
redis.call('ZADD', KEYS[2], now + ARGV[3], 'event:' .. ARGV[1])
for i = 3, #KEYS do
  if redis.call('ZCARD', KEYS[i]) < tonumber(ARGV[4]) then redis.call('ZADD', KEYS[i], 'NX', now, ARGV[i + 4]) end
  redis.call('EXPIRE', KEYS[i], ARGV[5])
end
return 1
