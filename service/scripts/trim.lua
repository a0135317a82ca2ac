-- Drop the records of events that have ended, the longest ago first, with their lines in the log and the bodies of their
-- actions. Of an action its state stays, until it expires: that is what keeps it from being done again. An event that
-- a person must still look at, or that is open again, only leaves the set; it comes back when it ends (finish.lua, revive.lua).
-- KEYS: zset of ended events (score: when, ms), log stream, dead zset
-- ARGV: how many at most, ms: those that ended before are dropped, all others stay
-- Returns {dropped, looked at}.
local FINAL = {done = true, ignored = true, discarded = true}
local OPEN = {planned = true, intent = true, sent = true}
local dropped, looked = 0, 0

local function action_of(id)
  local record = 'modbot:action:' .. id
  return record, redis.call('HGET', record, 'state'), redis.call('ZSCORE', KEYS[3], 'action:' .. id)
end

local function waits_for_a_person(actions)
  for id in actions:gmatch('%S+') do
    local _, _, dead = action_of(id)
    if dead then return true end
  end
  return false
end

local function reduce(id)
  local record, state = action_of(id)
  if not state or OPEN[state] then return end -- a timer that runs
  local left = redis.call('PTTL', record)
  redis.call('DEL', record)
  redis.call('HSET', record, 'state', state)
  if left > 0 then redis.call('PEXPIRE', record, left) end
end

for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[2], 'LIMIT', 0, ARGV[1])) do
  looked = looked + 1
  redis.call('ZREM', KEYS[1], id)
  local record = 'modbot:event:' .. id
  local fields = redis.call('HMGET', record, 'state', 'actions', 'logged')
  local actions = fields[2] or ''
  if waits_for_a_person(actions) then
    redis.call('PERSIST', record) -- it stays as long as that
  elseif FINAL[fields[1]] then
    redis.call('DEL', record)
    if fields[3] then redis.call('XDEL', KEYS[2], fields[3]) end
    for action in actions:gmatch('%S+') do reduce(action) end
    dropped = dropped + 1
  end
end
return {dropped, looked}
