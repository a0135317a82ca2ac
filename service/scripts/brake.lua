-- Count an event for each of some rules, and hold back those for which there were too many. An event counts once,
-- however often it is asked about.
-- KEYS: hash of rules held back (name -> JSON), then for each rule the sorted set of its events (score: ms)
-- ARGV: event, then for each rule: name, most events, span in ms, JSON of its standing when it is held back; last, how
--       many rules were held back when the event was decided on (empty: it does not matter)
-- Returns the names of those that may not act, on this event's account or another's; nothing, and counts nothing, where
-- that number has changed: then the event is to be decided again.
local known = ARGV[#ARGV]
if known ~= '' and redis.call('HLEN', KEYS[1]) ~= tonumber(known) then return false end
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local over = {}
for i = 2, #KEYS do
  local name, most, span, standing = unpack(ARGV, 4 * i - 6, 4 * i - 3)
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', now - span)
  local held = redis.call('HGET', KEYS[1], name)
  if held and not cjson.decode(held).digest then
    table.insert(over, name)
  elseif not redis.call('ZSCORE', KEYS[i], ARGV[1]) then
    if redis.call('ZCARD', KEYS[i]) < tonumber(most) then
      redis.call('ZADD', KEYS[i], now, ARGV[1])
      redis.call('PEXPIRE', KEYS[i], span)
    else
      local fields = cjson.decode(standing)
      fields.event, fields.at = ARGV[1], tonumber(clock[1])
      redis.call('HSET', KEYS[1], name, cjson.encode(fields))
      table.insert(over, name)
    end
  end
end
return over
