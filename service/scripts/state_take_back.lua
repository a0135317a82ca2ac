-- Undo what an event's rule awarded to a counter. The event's record stays, so it is not awarded again.
-- KEYS: the event's record. ARGV: the award's digest. Returns the number of awards undone.
local undone = 0
local fields = redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  local award, counter = fields[i]:match('^award:(%x+):(.+)$')
  if award == ARGV[1] then undone = undone + redis.call('ZREM', counter, fields[i + 1]:match('(%S+)$')) end
end
return undone
