-- Take a group of deliveries in: a record for each one that is new, nothing for a repeat.
-- A delivery repeats another when the last one seen under its subject had the same version (port.Accepted).
-- KEYS: due zset
-- ARGV: seconds to remember a subject, seconds to keep an ignored delivery, ms until a lost event is due, then for each
--       delivery: id, seen key, version, then the record's JSON object of fields
-- Returns a flat list {status, id, ...}: accepted or ignored with the delivery's id, duplicate with the first one's.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local answer = {}
for i = 4, #ARGV, 4 do
  local id, seen, version, fields = ARGV[i], ARGV[i + 1], ARGV[i + 2], cjson.decode(ARGV[i + 3])
  local last = redis.call('HMGET', seen, 'version', 'id')
  if last[1] == version then
    table.insert(answer, 'duplicate')
    table.insert(answer, last[2])
  else
    redis.call('HSET', seen, 'version', version, 'id', id)
    redis.call('EXPIRE', seen, ARGV[1])
    local record = 'modbot:event:' .. id
    for name, value in pairs(fields) do redis.call('HSET', record, name, value) end
    redis.call('HSET', record, 'queued_at', now)
    if fields.state == 'ignored' then
      redis.call('EXPIRE', record, ARGV[2])
      redis.call('ZADD', 'modbot:ended', now, id) -- what has ended is what may be dropped (trim.lua)
      table.insert(answer, 'ignored')
    else
      redis.call('ZADD', KEYS[1], now + ARGV[3], 'event:' .. id)
      table.insert(answer, 'accepted')
    end
    table.insert(answer, id)
  end
end
return answer
