-- Do a person's groups differ from those last seen? Each sighting is kept at its event's time, so that a late event is
-- compared with what was known before it; of two at the same time the later to arrive stays.
-- KEYS: the event's record, the person's sightings
-- ARGV: at (microseconds), groups (their digest), most sightings, seconds to keep them, seconds to keep the record
-- Returns changed, same or unknown; a repeat gets the answer of the first time.
local field = 'groups:' .. KEYS[2]
local noted = redis.call('HGET', KEYS[1], field)
if noted then return noted end
local last = redis.call('ZREVRANGEBYSCORE', KEYS[2], ARGV[1], '-inf', 'LIMIT', 0, 1)[1]
local answer = 'unknown'
if last then answer = last:match('%x+$') == ARGV[2] and 'same' or 'changed' end
redis.call('ZREMRANGEBYSCORE', KEYS[2], ARGV[1], ARGV[1])
redis.call('ZADD', KEYS[2], ARGV[1], ARGV[1] .. ':' .. ARGV[2])
redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -(ARGV[3] + 1))
redis.call('EXPIRE', KEYS[2], ARGV[4])
redis.call('HSET', KEYS[1], field, answer)
if redis.call('TTL', KEYS[1]) < tonumber(ARGV[5]) then redis.call('EXPIRE', KEYS[1], ARGV[5]) end
return answer
