-- Claim an action before anything is sent for it.
-- KEYS: action record, due zset, paused hash, progress hash
-- ARGV: action id, owner, lease ms, forum, ms until the claim is looked at again, how many changes of a group are made at
--       once in a span of so many ms (0: this one joins another): later ones wait, so that one call makes many
-- Returns {verdict, fence, state before, wait ms, what stands, news}: `mine` with the fence to show from now on and the state
-- it was in (planned: nothing was sent; sent: an earlier attempt may have reached the forum), `final`, `busy`, `paused`,
-- `behind` (an earlier event's action in the same line comes first) or `gathering`.
-- What stands is `gone` if the action's item or topic is, `later` if a later event's action in its line is done already,
-- `set` if we left the item as it asks (service/footprints.py). News is 1 if a later event told of a change of its item.
local MOST_IN_LINE = 1000 -- so many actions of a line are looked at
local LOOK_AGAIN = 5000 -- ms after which an action that is behind looks again, if whoever was before it did not wake it
local record = redis.call('HMGET', KEYS[1], 'state', 'lease', 'owner', 'lane', 'queued_at', 'event')
local state, lease, owner = record[1], tonumber(record[2] or 0), record[3]
if record[5] and tonumber(record[5]) > tonumber(redis.call('HGET', KEYS[4], record[4]) or 0) then
  redis.call('HSET', KEYS[4], record[4], record[5]) -- jobs before this one have left the queue (overdue.lua)
end
if not state or (state ~= 'planned' and state ~= 'intent' and state ~= 'sent') then
  redis.call('ZREM', KEYS[2], 'action:' .. ARGV[1])
  return {'final', 0, state or 'missing', 0}
end
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
-- A claim ends with its lease, or with its owner's process (recover.py keeps `alive` while that runs).
local held = state ~= 'planned' and lease > now and owner ~= ARGV[2]
if held and redis.call('EXISTS', 'modbot:alive:' .. owner) == 1 then return {'busy', 0, state, lease - now} end
if redis.call('HEXISTS', KEYS[3], ARGV[4]) == 1 or redis.call('HEXISTS', KEYS[3], '*') == 1 then
  redis.call('HSET', KEYS[1], 'waits', 1)
  redis.call('ZADD', KEYS[2], now + 5000, 'action:' .. ARGV[1])
  return {'paused', 0, state, 5000}
end
local marks, stands = redis.call('HMGET', KEYS[1], 'within', 'item', 'slot', 'sets', 'alike', 'line', 'at', 'concerns'), ''
local line, at = marks[6] and ARGV[4] .. ':' .. marks[6], tonumber(marks[7] or 0)

-- Whether an action that sets something else in the same line comes first: one of an earlier event, or one under way.
local function is_behind()
  local before = true
  for _, member in ipairs(redis.call('ZRANGE', 'modbot:line:' .. line, 0, MOST_IN_LINE - 1)) do
    local sets, id = member:match('^(%S+) (%S+)$')
    if id == ARGV[1] then before = false
    elseif sets ~= marks[4] then
      local theirs = redis.call('HGET', 'modbot:action:' .. id, 'state')
      if theirs == 'intent' or theirs == 'sent' or (theirs == 'planned' and before) then return true end
    end
  end
  return false
end

if line and state == 'planned' and is_behind() then
  redis.call('HSET', KEYS[1], 'waits', 1, 'behind', 1)
  redis.call('ZADD', KEYS[2], now + LOOK_AGAIN, 'action:' .. ARGV[1])
  return {'behind', 0, state, LOOK_AGAIN}
end
if marks[2] and redis.call('HGET', 'modbot:set:' .. ARGV[4] .. ':' .. marks[2], marks[3]) == marks[4] then stands = 'set' end
local latest = line and redis.call('HMGET', 'modbot:latest:' .. line, 'at', 'sets') or {}
if latest[1] and tonumber(latest[1]) > at and latest[2] ~= marks[4] then stands = 'later' end
for item in (marks[1] or ''):gmatch('%S+') do
  if redis.call('EXISTS', 'modbot:gone:' .. ARGV[4] .. ':' .. item) == 1 then stands = 'gone' end
end
if stands == '' and ARGV[6] ~= '0' and marks[5] and state == 'planned' and marks[3]:find('^group:') then
  local recent = 'modbot:recent:' .. marks[5]
  redis.call('ZREMRANGEBYSCORE', recent, '-inf', now - ARGV[7])
  if redis.call('ZCARD', recent) >= tonumber(ARGV[6]) then
    local wait = redis.call('ZRANGE', recent, 0, 0, 'WITHSCORES')[2] + ARGV[7] - now
    redis.call('HSET', KEYS[1], 'waits', 1)
    redis.call('ZADD', KEYS[2], now + wait, 'action:' .. ARGV[1])
    redis.call('ZADD', 'modbot:alike:' .. marks[5], now, ARGV[1])
    return {'gathering', 0, state, wait}
  end
  redis.call('ZADD', recent, now, ARGV[1])
  redis.call('PEXPIRE', recent, ARGV[7])
end
local fence = redis.call('HINCRBY', KEYS[1], 'fence', 1)
redis.call('HINCRBY', KEYS[1], 'attempt', 1)
-- An action that may have been sent stays `sent` until its outcome is known.
redis.call('HSET', KEYS[1], 'owner', ARGV[2], 'lease', now + ARGV[3])
redis.call('HDEL', KEYS[1], 'behind')
if state ~= 'sent' then redis.call('HSET', KEYS[1], 'state', 'intent') end
redis.call('ZADD', KEYS[2], now + ARGV[5], 'action:' .. ARGV[1])
local news = 0
for item in (marks[8] or ''):gmatch('%S+') do
  local heard = redis.call('HMGET', 'modbot:heard:' .. ARGV[4] .. ':' .. item, 'at', 'event')
  if heard[1] and tonumber(heard[1]) >= at and heard[2] ~= record[6] then news = 1 end
end
return {'mine', fence, state, 0, stands, news}
