-- Add an event to windows and count each as the event sees it, once: a repeat gets the answer of the first time.
-- KEYS: the event's record, the order in which texts came, then a window for each observation
-- ARGV: event, seconds to keep the order, then for each observation a JSON object: start and at (the window's edges),
--       stale (what may go), seconds (to keep the window), most (members), kept (the lane whose deletions take it out,
--       or -), and either members and distinct, or text, shortest and longest (characters of a text that may be
--       similar). Times are strings of microseconds, only ever compared here: a number that size is not printed whole.
-- Returns for each {number, 1 if there may be more}, and for a text {its place in the order, the same, others before it}.
local event, answers = ARGV[1], {}

local function keep(key, seconds)
  if redis.call('TTL', key) < seconds then redis.call('EXPIRE', key, seconds) end
end

local function between(window, seen)
  return redis.call('ZRANGEBYSCORE', window, '(' .. seen.start, seen.at)
end

local function count(window, seen)
  if not seen.distinct then return redis.call('ZCOUNT', window, '(' .. seen.start, seen.at) end
  local number, known = 0, {}
  for _, member in ipairs(between(window, seen)) do
    local value = member:sub(34) -- behind the event's 32 characters and a colon
    if not known[value] then known[value], number = true, number + 1 end
  end
  return number
end

local function add(window, seen)
  if not seen.text then
    for _, member in ipairs(seen.members) do redis.call('ZADD', window, seen.at, member) end
    return count(window, seen)
  end
  local place = redis.call('INCR', KEYS[2])
  keep(KEYS[2], tonumber(ARGV[2]))
  redis.call('ZADD', window, seen.at, event .. ':' .. place .. ':' .. seen.text)
  return place
end

-- The first answer, as it is kept: {number, at least, kept, at}.
local function note(window, seen)
  redis.call('ZREMRANGEBYSCORE', window, '-inf', seen.stale)
  local number = add(window, seen)
  local oldest = redis.call('ZRANGE', window, 0, 0, 'WITHSCORES')[2]
  local more = redis.call('ZCARD', window) >= seen.most and tonumber(oldest) > tonumber(seen.start)
  redis.call('ZREMRANGEBYRANK', window, 0, -(seen.most + 1))
  keep(window, seen.seconds)
  local noted = table.concat({number, more and 1 or 0, seen.kept, seen.at}, ' ')
  redis.call('HSET', KEYS[1], window, noted)
  keep(KEYS[1], seen.seconds)
  return noted
end

local function texts_before(window, seen, place)
  local found = {}
  for _, member in ipairs(between(window, seen)) do
    local before, text = member:match('^%x+:(%d+):(.*)$')
    local length = tonumber(text:match('^%d+'))
    if tonumber(before) < place and length >= seen.shortest and length <= seen.longest then
      table.insert(found, text)
    end
  end
  return found
end

for i = 3, #ARGV do
  local window, seen = KEYS[i], cjson.decode(ARGV[i])
  local noted = redis.call('HGET', KEYS[1], window) or note(window, seen)
  local number, more = noted:match('^(%d+) (%d)')
  local answer = {tonumber(number), tonumber(more)}
  if seen.text then table.insert(answer, texts_before(window, seen, answer[1])) end
  table.insert(answers, answer)
end
return answers
