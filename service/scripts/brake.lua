-- Count an event for each of some rules, and hold back those for which there were too many. An event counts once,
-- however often it is asked about.
-- KEYS: hash of rules held back (name -> JSON), then for each rule the sorted set of its events (score: ms)
-- ARGV: event, then for each rule: name, most events, span in ms, how many times as many as usual are a jump (0: the number
--       alone counts), JSON of its standing when it is held back
-- Returns the names of those that may not act, on this event's account or another's.
local HOUR, DAY = 3600000, 86400000
local KEPT_SECONDS = 31536000 -- what is usual for a rule that hardly ever acts is remembered for a year
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local hour = math.floor(now / HOUR)

-- How many events are too many for a rule that is held back when its rate jumps: so many times what the day before had in
-- such a span, but never less than `least`. In its first day nobody knows what is usual.
local function bound(hours, least, span, times)
  redis.call('HSETNX', hours, 'since', now)
  redis.call('EXPIRE', hours, KEPT_SECONDS)
  local counts, sum = redis.call('HGETALL', hours), 0
  for i = 1, #counts, 2 do
    local at = tonumber(counts[i])
    if at and at < hour - 24 then redis.call('HDEL', hours, counts[i])
    elseif at and at < hour then sum = sum + counts[i + 1] end
  end
  if now - redis.call('HGET', hours, 'since') < DAY then return math.huge end
  return math.max(least, times * sum * span / DAY)
end

local over = {}
for i = 2, #KEYS do
  local name, most, span, times, standing = unpack(ARGV, 5 * i - 8, 5 * i - 4)
  most, span, times = tonumber(most), tonumber(span), tonumber(times)
  local hours = KEYS[i] .. ':hours'
  if times > 0 then most = bound(hours, most, span, times) end
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', now - span)
  local held = redis.call('HGET', KEYS[1], name)
  if held and not cjson.decode(held).digest then
    table.insert(over, name)
  elseif not redis.call('ZSCORE', KEYS[i], ARGV[1]) then
    if redis.call('ZCARD', KEYS[i]) < most then
      redis.call('ZADD', KEYS[i], now, ARGV[1])
      redis.call('PEXPIRE', KEYS[i], span)
      if times > 0 then redis.call('HINCRBY', hours, hour, 1) end
    else
      local fields = cjson.decode(standing)
      fields.event, fields.at = ARGV[1], tonumber(clock[1])
      redis.call('HSET', KEYS[1], name, cjson.encode(fields))
      table.insert(over, name)
    end
  end
end
return over
