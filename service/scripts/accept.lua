-- Take a group of deliveries in: a record for each one that is new, nothing for a repeat.
-- A delivery repeats another when the last one seen under its subject had the same version (port.Accepted).
-- KEYS: due zset
-- ARGV: seconds to remember a subject, seconds to keep an ignored delivery, ms until a lost event is due, and the
--       deliveries as a JSON list: id, seen key, version, whether it is ignored, list of the record's field names and values in
--       turn. One argument, since the client takes longer over many than JSON takes on both sides. Then the commands by
--       which RQ queues their job, each after the number of its parts; carried out if there is anything new to do.
-- Returns a flat list {status, id, ...}: accepted or ignored with the delivery's id, duplicate with the first one's.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local answer, accepted = {}, 0
for _, delivery in ipairs(cjson.decode(ARGV[4])) do
  local id, seen, version, is_ignored, fields = unpack(delivery)
  local status = 'accepted'
  local last = redis.call('HMGET', seen, 'version', 'id')
  if last[1] == version then
    status, id = 'duplicate', last[2]
  else
    local record = 'modbot:event:' .. id
    redis.call('HSET', seen, 'version', version, 'id', id)
    redis.call('EXPIRE', seen, ARGV[1])
    redis.call('HSET', record, 'queued_at', now, unpack(fields))
    if is_ignored then
      redis.call('EXPIRE', record, ARGV[2])
      redis.call('ZADD', 'modbot:ended', now, id) -- what has ended is what may be dropped (trim.lua)
      status = 'ignored'
    else
      redis.call('ZADD', KEYS[1], now + ARGV[3], 'event:' .. id)
      accepted = accepted + 1
    end
  end
  table.insert(answer, status)
  table.insert(answer, id)
end
local at = 5
while accepted > 0 and at < #ARGV do
  local parts = tonumber(ARGV[at])
  redis.call(unpack(ARGV, at + 1, at + parts))
  at = at + parts + 1
end
return answer
