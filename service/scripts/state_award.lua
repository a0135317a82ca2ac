-- Give points once for each event, rule and counter, and tell the total without them and with them.
-- KEYS: the event's record, then a counter for each award
-- ARGV: most awards of a counter, then for each award a JSON object: award (its digest), member (as counters.Given is
--       written), at (microseconds, a string), seconds (to keep it)
-- Returns a flat list {before, after, ...}, at the time of the counter's newest award.
local answer = {}

local function keep(key, seconds)
  if redis.call('TTL', key) < seconds then redis.call('EXPIRE', key, seconds) end
end

local function total(counter, now)
  local sum = 0
  for _, member in ipairs(redis.call('ZRANGE', counter, 0, -1)) do
    local points, dies = member:match('^%x+:%x+:(-?%d+):(-?%d+)$')
    if tonumber(dies) > now then sum = sum + tonumber(points) end
  end
  return sum
end

local function give(counter, one)
  local newest = tonumber(redis.call('ZRANGE', counter, -1, -1, 'WITHSCORES')[2] or one.at)
  local now = math.max(tonumber(one.at), newest)
  local before = total(counter, now)
  redis.call('ZADD', counter, one.at, one.member)
  local after = total(counter, now)
  redis.call('ZREMRANGEBYRANK', counter, 0, -(ARGV[1] + 1))
  keep(counter, one.seconds)
  return before .. ' ' .. after .. ' ' .. one.member
end

for i = 2, #ARGV do
  local counter, one = KEYS[i], cjson.decode(ARGV[i])
  local field = 'award:' .. one.award .. ':' .. counter
  local given = redis.call('HGET', KEYS[1], field)
  if not given then
    given = give(counter, one)
    redis.call('HSET', KEYS[1], field, given)
    keep(KEYS[1], one.seconds)
  end
  local before, after = given:match('^(-?%d+) (-?%d+) ')
  table.insert(answer, tonumber(before))
  table.insert(answer, tonumber(after))
end
return answer
