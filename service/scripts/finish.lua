-- Write an action's outcome, and end its event with its last action. An action for a time starts the timer that undoes
-- it: an action of its own, which the event does not wait for.
-- KEYS: action record, due zset, dead zset, the timers of the person (group -> id of the action that undoes)
-- ARGV: action id, fence, outcome, error, seconds to keep a final record, then of one that failed or is unsure: the cause
--       of the dead letter (labels.py); of an action on a group that was done: group, then
--       what becomes of its timer: `end`; or `set`, `move` (set if there is one), id, the record's JSON, seconds to run
-- Returns {1, event id, ms since the event's receipt} for the event's last action, {1} for another, {0} for a lost claim.
local LATEST_SECONDS = 259200 -- an event is delivered three days late at most (platform-facts, 1.1)
local record = redis.call('HMGET', KEYS[1], 'fence', 'state', 'event', 'apart', 'line')
if record[1] ~= ARGV[2] or (record[2] ~= 'intent' and record[2] ~= 'sent') then return {0} end
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local event = 'modbot:event:' .. record[3]
redis.call('HSET', KEYS[1], 'state', ARGV[3], 'error', ARGV[4], 'ended_at', now)
redis.call('ZREM', KEYS[2], 'action:' .. ARGV[1])
if ARGV[3] == 'failed' or ARGV[3] == 'unsure' then
  redis.call('HSET', KEYS[1], 'cause', ARGV[6])
  redis.call('ZADD', KEYS[3], clock[1], 'action:' .. ARGV[1])
else
  redis.call('EXPIRE', KEYS[1], ARGV[5])
end
if record[2] == 'sent' and (ARGV[3] == 'done' or ARGV[3] == 'already_done') then -- what was left there (footprints.py)
  local marks = redis.call('HMGET', KEYS[1], 'forum', 'ends', 'item', 'slot', 'sets', 'last_sent_at')
  for item in (marks[2] or ''):gmatch('%S+') do redis.call('SET', 'modbot:gone:' .. marks[1] .. ':' .. item, 'ours', 'EX', 86400) end
  if marks[3] then
    local set = 'modbot:set:' .. marks[1] .. ':' .. marks[3]
    if tonumber(redis.call('HGET', set, 'changed') or 0) < tonumber(marks[6]) then
      redis.call('HSET', set, marks[4], marks[5])
      redis.call('EXPIRE', set, 300)
    end
  end
end
if record[5] then -- the action has left its line: whoever waits behind it is woken (claim.lua)
  local marks = redis.call('HMGET', KEYS[1], 'forum', 'sets', 'at')
  local line = marks[1] .. ':' .. record[5]
  redis.call('ZREM', 'modbot:line:' .. line, marks[2] .. ' ' .. ARGV[1])
  local latest = 'modbot:latest:' .. line
  if (ARGV[3] == 'done' or ARGV[3] == 'already_done') and tonumber(redis.call('HGET', latest, 'at') or 0) <= tonumber(marks[3]) then
    redis.call('HSET', latest, 'at', marks[3], 'sets', marks[2])
    redis.call('EXPIRE', latest, LATEST_SECONDS)
  end
  for _, member in ipairs(redis.call('ZRANGE', 'modbot:line:' .. line, 0, 0)) do
    local id = member:match('%S+$')
    if redis.call('HGET', 'modbot:action:' .. id, 'behind') then redis.call('ZADD', KEYS[2], 'XX', now, 'action:' .. id) end
  end
end
local judged = (redis.call('HGET', KEYS[1], 'concerns') or ''):match('post:(%d+)')
if judged then redis.call('ZREM', 'modbot:judged:' .. redis.call('HGET', KEYS[1], 'forum'), judged) end
local group, step = ARGV[6], ARGV[7]
if step == 'end' then
  local running = redis.call('HGET', KEYS[4], group)
  if running and (not record[4] or running:match('^%S+') == ARGV[1]) then redis.call('HDEL', KEYS[4], group) end
elseif step == 'set' or (step == 'move' and redis.call('HEXISTS', KEYS[4], group) == 1) then
  local undo, due = 'modbot:action:' .. ARGV[8], now + ARGV[10] * 1000
  for name, value in pairs(cjson.decode(ARGV[9])) do redis.call('HSET', undo, name, value) end
  redis.call('HSET', undo, 'state', 'planned', 'planned_at', due, 'queued_at', now, 'attempt', 0, 'fence', 0, 'waits', 1)
  redis.call('ZADD', KEYS[2], due, 'action:' .. ARGV[8])
  redis.call('HSET', KEYS[4], group, ARGV[8] .. ' ' .. clock[1])
  redis.call('EXPIRE', KEYS[4], math.max(redis.call('TTL', KEYS[4]), ARGV[10] + ARGV[5]))
  if redis.call('EXISTS', event) == 1 then
    redis.call('HSET', event, 'actions', redis.call('HGET', event, 'actions') .. ' ' .. ARGV[8])
  end
end
if record[4] or redis.call('EXISTS', event) == 0 or redis.call('HINCRBY', event, 'open', -1) > 0 then return {1} end
redis.call('HSET', event, 'state', 'done', 'ended_at', now)
redis.call('EXPIRE', event, ARGV[5])
return {1, record[3], now - math.floor(tonumber(redis.call('HGET', event, 'received_at')) * 1000)}
