-- A note to the moderators: the first is sent at once, those of the time after it are gathered into one digest, which
-- is an action of its own, due when that time is over.
-- KEYS: the note's action record, due zset, the forum's notes (hash: until, digest)
-- ARGV: span in ms, id that a new digest gets, its record's JSON object of fields, the note as JSON, notes kept at most,
--       seconds to keep them
-- Returns 1 if the note is in a digest, 0 if it is to be sent by itself.
local before = redis.call('HMGET', KEYS[1], 'joined_to', 'alone')
if before[1] then return 1 end
if before[2] then return 0 end
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local window = redis.call('HMGET', KEYS[3], 'until', 'digest')
if tonumber(window[1] or 0) <= now then
  redis.call('HDEL', KEYS[3], 'digest')
  redis.call('HSET', KEYS[3], 'until', now + ARGV[1])
  redis.call('PEXPIRE', KEYS[3], ARGV[1])
  redis.call('HSET', KEYS[1], 'alone', 1)
  return 0
end
local digest = window[2] or ARGV[2]
local record = 'modbot:action:' .. digest
if not window[2] then
  for name, value in pairs(cjson.decode(ARGV[3])) do redis.call('HSET', record, name, value) end
  redis.call('HSET', record, 'state', 'planned', 'planned_at', window[1], 'queued_at', now, 'attempt', 0, 'fence', 0)
  redis.call('HSET', record, 'waits', 1)
  redis.call('ZADD', KEYS[2], window[1], 'action:' .. digest)
  redis.call('HSET', KEYS[3], 'digest', digest)
end
if redis.call('HINCRBY', record, 'notes', 1) <= tonumber(ARGV[5]) then
  redis.call('RPUSH', record .. ':notes', ARGV[4])
  redis.call('EXPIRE', record .. ':notes', ARGV[6])
end
redis.call('HSET', KEYS[1], 'joined_to', digest)
return 1
