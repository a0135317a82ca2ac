-- Claim an action before anything is sent for it.
-- KEYS: action record, due zset, paused hash, progress hash
-- ARGV: action id, owner, lease ms, forum, ms until the claim is looked at again, how many changes of a group are made at
--       once in a span of so many ms (0: this one joins another): later ones wait, so that one call makes many
-- Returns {verdict, fence, state before, wait ms, what stands}: `mine` with the fence to show from now on and the state it
-- was in (planned: nothing was sent; sent: an earlier attempt may have reached the forum), `final`, `busy`, `paused` or `gathering`.
-- What stands is `gone` if the action's item or topic is, `set` if we left the item as it asks (service/footprints.py).
local record = redis.call('HMGET', KEYS[1], 'state', 'lease', 'owner', 'lane', 'queued_at')
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
local marks, stands = redis.call('HMGET', KEYS[1], 'within', 'item', 'slot', 'sets', 'alike'), ''
if marks[2] and redis.call('HGET', 'modbot:set:' .. ARGV[4] .. ':' .. marks[2], marks[3]) == marks[4] then stands = 'set' end
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
if state ~= 'sent' then redis.call('HSET', KEYS[1], 'state', 'intent') end
redis.call('ZADD', KEYS[2], now + ARGV[5], 'action:' .. ARGV[1])
return {'mine', fence, state, 0, stands}
