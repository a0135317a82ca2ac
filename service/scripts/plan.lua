-- Write a decision once: its event's plan, one record for each action that is not planned or done already, and the
-- line in the log. An action that repeats what was last planned for its item can be carried out with others that are
-- alike (service/footprints.py); one that changes it has its own place in the order. An event that was planned, or is final, is left as it is, so a decision is never made twice.
-- KEYS: event record, due zset, log stream, hash of matches by rule
-- ARGV: event id, decision JSON, seconds to keep a final record, log's length, ms until a lost action is due,
--       JSON list of the rules that matched, the event's JSON if it is not stored yet, then for each action: id, ids of texts joined into it, the record's JSON object of fields
-- Returns the number of new actions, or -1 if the event was planned before.
local state = redis.call('HGET', KEYS[1], 'state')
if state ~= 'queued' and state ~= 'waiting' then return -1 end
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local LINE_SECONDS = 2592000 -- longer than anybody pauses a forum; a line without actions is gone at once
local MOST_JUDGED = 10000
local new, ids = 0, {}

-- The action takes its place in the line of those that set the same thing, by the time of its event (claim.lua).
local function stand_in_line(id, fields)
  local line, at = 'modbot:line:' .. fields.forum .. ':' .. fields.line, tonumber(fields.at)
  local last = redis.call('ZREVRANGEBYSCORE', line, at + 0.999, at, 'WITHSCORES', 'LIMIT', 0, 1)[2]
  redis.call('ZADD', line, last and last + 0.001 or at, fields.sets .. ' ' .. id)
  redis.call('EXPIRE', line, LINE_SECONDS)
end

local function find_alike(id, fields)
  local planned = 'modbot:intended:' .. fields.forum .. ':' .. fields.item
  local before = redis.call('HGET', planned, fields.slot)
  redis.call('HSET', planned, fields.slot, fields.sets)
  redis.call('EXPIRE', planned, 86400)
  if fields.alike and (not before or before == fields.sets) then
    local alike = 'modbot:alike:' .. fields.alike
    redis.call('ZADD', alike, now, id)
    redis.call('ZREMRANGEBYRANK', alike, 0, -10001)
    redis.call('EXPIRE', alike, 86400)
  else
    redis.call('HDEL', 'modbot:action:' .. id, 'alike')
  end
end

-- A post whose content the action is about is remembered by when that was seen: workers/second_look.py reads the oldest.
local function note_judged(fields)
  local post, judged = fields.concerns:match('post:(%d+)'), 'modbot:judged:' .. fields.forum
  if not post then return end
  redis.call('ZADD', judged, fields.seen_at, post)
  redis.call('ZREMRANGEBYRANK', judged, MOST_JUDGED, -1)
  redis.call('EXPIRE', judged, LINE_SECONDS)
end

for i = 8, #ARGV, 3 do
  local record = 'modbot:action:' .. ARGV[i]
  table.insert(ids, ARGV[i])
  if redis.call('EXISTS', record) == 0 then
    local fields = cjson.decode(ARGV[i + 2])
    for name, value in pairs(fields) do redis.call('HSET', record, name, value) end
    redis.call('HSET', record, 'state', 'planned', 'planned_at', now, 'queued_at', now, 'attempt', 0, 'fence', 0)
    if fields.item then find_alike(ARGV[i], fields) end
    if fields.line then stand_in_line(ARGV[i], fields) end
    if fields.concerns then note_judged(fields) end
    redis.call('ZADD', KEYS[2], now + ARGV[5], 'action:' .. ARGV[i])
    for joined in ARGV[i + 1]:gmatch('%S+') do
      if redis.call('HSETNX', 'modbot:action:' .. joined, 'state', 'joined') == 1 then
        redis.call('EXPIRE', 'modbot:action:' .. joined, ARGV[3])
      end
    end
    new = new + 1
  end
end
local event = {}
if ARGV[7] ~= '' then -- read just now: it takes the place of its delivery
  event = {'event', ARGV[7]}
  redis.call('HDEL', KEYS[1], 'platform', 'name', 'body')
end
for _, rule in ipairs(cjson.decode(ARGV[6])) do redis.call('HINCRBY', KEYS[4], rule, 1) end
redis.call('HSET', KEYS[1], 'decision', ARGV[2], 'actions', table.concat(ids, ' '), 'open', new, 'new', new,
  'planned_at', now, 'state', new > 0 and 'planned' or 'done',
  'logged', redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[4], '*', 'event', ARGV[1]), unpack(event))
redis.call('ZREM', KEYS[2], 'event:' .. ARGV[1])
if new == 0 then
  redis.call('EXPIRE', KEYS[1], ARGV[3])
  redis.call('ZADD', 'modbot:ended', now, ARGV[1])
end
return new
