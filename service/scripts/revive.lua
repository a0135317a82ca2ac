-- A person's word on a dead letter: try it again under the same id (what was done stays done), or let it go.
-- KEYS: dead zset, due zset. ARGV: item (event:<id> or action:<id>), verdict (redeliver or discard), seconds to keep.
-- Returns 1, or 0 if it is no dead letter.
if redis.call('ZREM', KEYS[1], ARGV[1]) == 0 then return 0 end
local kind, id = ARGV[1]:match('^(%a+):(.+)$')
local record = 'modbot:' .. kind .. ':' .. id
if ARGV[2] == 'discard' then
  redis.call('HSET', record, 'state', 'discarded')
  redis.call('EXPIRE', record, ARGV[3])
  return 1
end
if kind == 'event' then
  redis.call('HSET', record, 'state', 'queued', 'attempts', 0, 'waits', 1)
else
  local event = 'modbot:event:' .. redis.call('HGET', record, 'event')
  local marks = redis.call('HMGET', record, 'forum', 'line', 'sets', 'at')
  if marks[2] then
    redis.call('ZADD', 'modbot:line:' .. marks[1] .. ':' .. marks[2], marks[4], marks[3] .. ' ' .. id)
  end
  redis.call('HSET', record, 'state', 'planned', 'attempt', 0, 'lease', 0, 'waits', 1)
  redis.call('HDEL', record, 'first_sent_at', 'last_sent_at')
  if redis.call('EXISTS', event) == 1 then
    redis.call('HINCRBY', event, 'open', 1)
    redis.call('HSET', event, 'state', 'planned')
    redis.call('PERSIST', event)
  end
end
redis.call('ZADD', KEYS[2], 0, ARGV[1])
return 1
