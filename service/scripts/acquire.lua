-- Ask for a permit to send one request, or stand in line for it. One call does both.
-- At most `capacity` permits are held; release.lua says when one is free again, and after a crash its hold ends. Grants
-- are spread over the window, so that the next one is never far; who gets it is settled only when it opens.
-- KEYS: state hash, held zset (ticket -> free at), urgent line, bulk line (ticket -> number), waiting zset (ticket ->
--       must ask again by), used hash (hour -> permits granted)
-- ARGV: ticket, lane, capacity, window ms, hold ms, permits a day (0: no limit), ms that are worth waiting
-- Returns {granted 0|1, wait us, waiting in line 0|1}: the wait is until the request may leave, or until to ask again.
-- Times are Redis' own, in milliseconds.
local state, held, urgent, bulk, waiting, used = unpack(KEYS)
local ticket, lane = ARGV[1], ARGV[2]
local capacity, window, hold = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local per_day, patience = tonumber(ARGV[6]), tonumber(ARGV[7])
local SPACE = 0.85 * window / capacity -- between grants; under one slot, so that it never costs one
local BULK_TURN = 19 -- after so many urgent permits in a row a waiting bulk request has its turn: one in twenty
local BULK_SHARE = 0.9 -- the last tenth of the day's requests is kept for urgent work
local LATEST_RETURN = 30000 -- how long after its slot somebody is told to come back at most
local GRACE = 1000 -- how late a waiter may ask again before its place in the line is given up
local LATE_ANSWER = 1000 -- a permit that ends later than this after its window has not been released (release.lua)
local AHEAD = 120 -- how long before it opens a slot is given out, so that a waiter that wakes late does not waste it
local LOOK_AGAIN = 140 -- how soon a permit can be had whose request may be answered any moment; above AHEAD

local clock = redis.call('TIME')
local now = clock[1] * 1000 + clock[2] / 1000
local hour = math.floor(now / 3600000)
local line = lane == 'urgent' and urgent or bulk

local function answer(granted, wait, in_line)
  return {granted, math.ceil(wait * 1000), in_line}
end

local function leave(wait)
  redis.call('ZREM', line, ticket)
  redis.call('ZREM', waiting, ticket)
  return answer(0, wait, 0)
end

-- Who is sent away is told to come back at a time of its own, one slot after the last who was.
local function turn_away(slot)
  local told = tonumber(redis.call('HGET', state, 'told_' .. lane) or 0) + window / capacity
  told = math.min(math.max(told, slot), slot + LATEST_RETURN)
  redis.call('HSET', state, 'told_' .. lane, told)
  return leave(told - now)
end

local opens = tonumber(redis.call('HGET', state, 'opens'))
if not opens then -- cold start: what was sent before the state was lost is not known, so one window passes first
  opens = now + window
  redis.call('HSET', state, 'opens', opens)
end

if per_day > 0 then
  local spent = 0
  local hours = redis.call('HGETALL', used)
  for i = 1, #hours, 2 do
    if tonumber(hours[i]) < hour - 24 then redis.call('HDEL', used, hours[i]) else spent = spent + tonumber(hours[i + 1]) end
  end
  if spent >= (lane == 'urgent' and per_day or per_day * BULK_SHARE) then return leave((hour + 1) * 3600000 - now) end
end

for _, late in ipairs(redis.call('ZRANGEBYSCORE', waiting, '-inf', now)) do
  redis.call('ZREM', urgent, late)
  redis.call('ZREM', bulk, late)
  redis.call('ZREM', waiting, late)
end
redis.call('ZREMRANGEBYSCORE', held, '-inf', now)
if not redis.call('ZSCORE', line, ticket) then redis.call('ZADD', line, redis.call('HINCRBY', state, 'number', 1), ticket) end

-- How many are before this ticket? For bulk, all that are urgent, but not more than its turns let pass.
local streak = tonumber(redis.call('HGET', state, 'urgent_streak') or 0)
local ahead = redis.call('ZRANK', line, ticket)
if lane == 'bulk' then
  ahead = ahead + math.min(redis.call('ZCARD', urgent), math.max(0, BULK_TURN * (ahead + 1) - streak))
elseif streak >= BULK_TURN and redis.call('ZCARD', bulk) > 0 then
  ahead = ahead + 1
end

-- When each permit can be had: exactly for those that were released, for the others as it usually goes.
local usual = window + tonumber(redis.call('HGET', state, 'usual_way') or 0)
local free = {}
local scores = redis.call('ZRANGE', held, 0, -1, 'WITHSCORES')
for i = 2, #scores, 2 do
  local ends = tonumber(scores[i])
  if ends > now + window + LATE_ANSWER then ends = math.max(ends - hold + usual, now + LOOK_AGAIN) end
  table.insert(free, ends)
end
for _ = #free + 1, capacity do table.insert(free, now) end
table.sort(free)
for _ = capacity + 1, #free do table.remove(free, 1) end -- more are held than there are: the limit was lowered

-- Hand them out in thought to all that are before this ticket.
local slot = math.max(opens, tonumber(redis.call('HGET', state, 'granted_at') or 0) + SPACE, free[1])
for _ = 1, ahead do
  if slot - now > patience then break end
  table.remove(free, 1)
  table.insert(free, slot + usual)
  slot = math.max(slot + SPACE, free[1])
end

if ahead == 0 and slot <= now + AHEAD then
  redis.call('ZREM', line, ticket)
  redis.call('ZREM', waiting, ticket)
  redis.call('ZADD', held, slot + hold, ticket)
  redis.call('HINCRBY', used, hour, 1)
  redis.call('HSET', state, 'granted_at', slot, 'urgent_streak', lane == 'urgent' and streak + 1 or 0)
  return answer(1, slot - now, 0)
end
if slot - now > patience then return turn_away(slot) end
redis.call('ZADD', waiting, slot + GRACE, ticket)
return answer(0, math.max(slot - now - AHEAD / 2, 1), 1)
