-- Claim an action before anything is sent for it.
-- KEYS: action record, due zset, paused hash, progress hash
-- ARGV: action id, owner, lease ms, forum, ms until the claim is looked at again
-- Returns {verdict, fence, state before, wait ms}: `mine` with the fence to show from now on and the state it was in
-- (planned: nothing was sent; sent: an earlier attempt may have reached the forum), `final`, `busy` or `paused`.
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
local fence = redis.call('HINCRBY', KEYS[1], 'fence', 1)
redis.call('HINCRBY', KEYS[1], 'attempt', 1)
-- An action that may have been sent stays `sent` until its outcome is known.
redis.call('HSET', KEYS[1], 'owner', ARGV[2], 'lease', now + ARGV[3])
if state ~= 'sent' then redis.call('HSET', KEYS[1], 'state', 'intent') end
redis.call('ZADD', KEYS[2], now + ARGV[5], 'action:' .. ARGV[1])
return {'mine', fence, state, 0}
