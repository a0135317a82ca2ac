-- A request is sent, answered or failed: settle when its permit is free again, one window after the latest moment at
-- which the request can have arrived at the forum. service/limiter.py says why it is that moment.
-- KEYS: state hash, held zset, replies list (ms of the last quick replies)
-- ARGV: ticket, window ms, what is known (sent, answered, or failed: nothing), ms since the request was fully sent
-- Times are Redis' own, in milliseconds.
local state, held, replies = unpack(KEYS)
local known, since = ARGV[3], tonumber(ARGV[4])
local QUICK = 250 -- a reply within this tells something of the way to the forum; a later one, of the forum's work
local KEPT = 400 -- how many quick replies are remembered
local ENOUGH = 25 -- with fewer the quickest is not known
local RARE = 0.1 -- while fewer of the replies are slow, a slow one is waited for: its request may have been held up
local MARGIN = 40 -- the longest way to a forum of which no quick reply is known
local DECAY = 0.999 -- what is left of the caution after a rate-limit answer (pause.lua), from permit to permit

local clock = redis.call('TIME')
local now = clock[1] * 1000 + clock[2] / 1000
local slow = tonumber(redis.call('HGET', state, 'slow_share') or 0)
if known == 'answered' then
  slow = slow + ((since > QUICK and 1 or 0) - slow) / 16
  redis.call('HSET', state, 'slow_share', slow)
end
local wary = now < tonumber(redis.call('HGET', state, 'wary_until') or 0)
if known == 'sent' and (wary or slow < RARE) then return 0 end
local caution = tonumber(redis.call('HGET', state, 'caution') or 0)
if caution > 0 and known ~= 'sent' then redis.call('HSET', state, 'caution', caution < 1 and 0 or caution * DECAY) end

-- The quickest of the remembered replies, how far the others are from it, and by how much a later one may yet beat it:
-- the least of n is off by a share of the spread that falls with the root of n.
local function look_back()
  local times = redis.call('LRANGE', replies, 0, -1)
  for i = 1, #times do times[i] = tonumber(times[i]) end
  table.sort(times)
  if #times < ENOUGH then return nil, times[#times] or 0, 0 end
  local spread = times[math.ceil(#times * 0.95)] - times[1]
  return times[1], spread, math.max(5, 1.7 * spread / math.sqrt(#times))
end

-- The longest time that the request can have been on its way since it was sent. Its reply ends it, whatever else is so.
local function longest_way()
  if wary or (since > QUICK and slow < RARE) then return since end
  local quickest, spread, doubt = look_back()
  if known == 'sent' or since > QUICK then return math.max(MARGIN, spread + doubt) end
  if quickest and since < quickest - doubt then -- it has never been so quick: the network is another now
    redis.call('DEL', replies)
    quickest = nil
  end
  redis.call('LPUSH', replies, since)
  redis.call('LTRIM', replies, 0, KEPT - 1)
  return quickest and since - math.min(quickest, since) + doubt or since
end

local way = 0
if known == 'failed' then since = 0 else way = longest_way() end
if known == 'answered' then
  way = math.min(way, since)
  local usual = tonumber(redis.call('HGET', state, 'usual_way') or MARGIN) -- for the waits that acquire.lua foretells
  redis.call('HSET', state, 'usual_way', usual + (math.min(way, 2 * MARGIN) - usual) / 16)
end
redis.call('ZADD', held, now - since + way + caution + ARGV[2], ARGV[1])
return 1
