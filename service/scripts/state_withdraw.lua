-- Take what an event added out of the windows that ask for `kept`. Its record stays, so it is not added again.
-- KEYS: the event's record. ARGV: event. Returns the number of members taken out.
local taken = 0
local fields = redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  local at = fields[i + 1]:match('^%d+ %d 1 (-?%d+)$')
  for _, member in ipairs(at and redis.call('ZRANGEBYSCORE', fields[i], at, at) or {}) do
    if member:match('^%x+') == ARGV[1] then taken = taken + redis.call('ZREM', fields[i], member) end
  end
end
return taken
