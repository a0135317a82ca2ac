-- Take what events added out of the windows that ask for `kept` in these lanes. Their records stay, so they are not
-- added again.
-- KEYS: the events' records. ARGV: the events, then the lanes. Returns the number of members taken out.
local taken, lanes = 0, {}
for i = #KEYS + 1, #ARGV do lanes[ARGV[i]] = true end

local function take_out(event, window, at)
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', window, at, at)) do
    if member:match('^%x+') == event then taken = taken + redis.call('ZREM', window, member) end
  end
end

for i, record in ipairs(KEYS) do
  local fields = redis.call('HGETALL', record)
  for j = 1, #fields, 2 do
    local kept, at = fields[j + 1]:match('^%d+ %d (%l+) (-?%d+)$')
    if lanes[kept] then take_out(ARGV[i], fields[j], at) end
  end
end
return taken
