-- Ask for a permit to send one request, or stand in line for it. One call does both.
-- At most `capacity` permits are held; one is held from its grant until `window` after its release (release.lua), and
-- after a crash until its hold ends. So no `capacity`+1 requests can arrive within the window, whoever sends them.
-- KEYS: state hash, held zset (ticket -> free at), urgent line, bulk line (ticket -> number), waiting zset (ticket ->
--       must ask again by), used hash (hour -> permits granted)
-- ARGV: ticket, lane, capacity, window ms, hold ms, permits a day (0: no limit), patience ms
-- Returns {granted 0|1, wait ms, waiting in line 0|1}. Times are Redis' own, in milliseconds.
local state, held, urgent, bulk, waiting, used = unpack(KEYS)
local ticket, lane = ARGV[1], ARGV[2]
local capacity, hold, per_day, patience = tonumber(ARGV[3]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local BULK_TURN = 19 -- after so many urgent permits in a row a waiting bulk request has its turn: one in twenty
local BULK_SHARE = 0.9 -- the last tenth of the day's requests is kept for urgent work
local GRACE = 1500 -- how late a waiter may ask again before its place in the line is given up

local clock = redis.call('TIME')
local now = clock[1] * 1000 + clock[2] / 1000
local hour = math.floor(now / 3600000)
local line = lane == 'urgent' and urgent or bulk

local function leave(wait)
  redis.call('ZREM', line, ticket)
  redis.call('ZREM', waiting, ticket)
  return {0, math.ceil(wait), 0}
end

local margin = tonumber(redis.call('HGET', state, 'margin') or 0)
local window = tonumber(ARGV[4]) + margin
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

-- Who is next, and how many are before this ticket?
local streak = tonumber(redis.call('HGET', state, 'urgent_streak') or 0)
local bulk_turn = streak >= BULK_TURN and redis.call('ZCARD', bulk) > 0
local ahead = redis.call('ZRANK', line, ticket)
if lane == 'bulk' and not (bulk_turn and ahead == 0) then ahead = ahead + redis.call('ZCARD', urgent) end
if lane == 'urgent' and bulk_turn then ahead = ahead + 1 end

local taken = redis.call('ZCARD', held)
if now >= opens and ahead == 0 and taken < capacity then
  redis.call('ZADD', held, now + hold, ticket)
  redis.call('HINCRBY', used, hour, 1)
  redis.call('HSET', state, 'urgent_streak', lane == 'urgent' and streak + 1 or 0)
  if margin > 0 then redis.call('HSET', state, 'margin', margin < 1 and 0 or margin * 0.999) end
  leave(0)
  return {1, 0, 0}
end

-- The earliest moment this ticket's turn can come. A permit still in flight is not free before a window from now.
local turn = ahead + 1 - (capacity - taken)
local wait = 5
if turn > 0 then
  local rounds = math.floor((turn - 1) / capacity)
  local nth = redis.call('ZRANGE', held, (turn - 1) % capacity, (turn - 1) % capacity, 'WITHSCORES')
  local free = nth[2] and math.min(tonumber(nth[2]), now + window) or now
  wait = math.max(wait, free - now + rounds * window)
end
wait = math.max(wait, opens - now)
if wait > patience then return leave(wait) end
redis.call('ZADD', waiting, now + wait + GRACE, ticket)
return {0, math.ceil(wait), 1}
