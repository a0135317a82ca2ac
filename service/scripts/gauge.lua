-- Read the shared state for the gauges of the web processes. Changes nothing.
-- KEYS: due zset, dead zset, paused hash, heartbeat hash, worker set
-- ARGV: how many items of a set to look at (above that, counts are lower bounds), number of queues, queue names, then for
--       each forum: name, the prefix of its limiter's keys
-- Returns a JSON object: see service/gauges.py.
local due, dead, paused, heartbeat, workers = unpack(KEYS)
local most, queues = tonumber(ARGV[1]), tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + clock[2] / 1000
local answer = {queues = {}, waiting = {}, dead = {}, workers = {}, forums = {}}

local function count(numbers, name) numbers[name] = (numbers[name] or 0) + 1 end

for i = 3, 2 + queues do
  local list = 'rq:queue:' .. ARGV[i]
  local first = redis.call('LINDEX', list, 0)
  answer.queues[ARGV[i]] = {
    queued = redis.call('LLEN', list),
    started = redis.call('ZCARD', 'rq:wip:' .. ARGV[i]),
    since = first and redis.call('HGET', 'rq:job:' .. first, 'enqueued_at'),
  }
end

for _, item in ipairs(redis.call('ZRANGE', due, 0, most - 1)) do
  local fields = redis.call('HMGET', 'modbot:' .. item, 'state', 'lane', 'waits')
  local queue = item:match('^action:') and fields[2] or 'evaluate'
  if fields[1] == 'waiting' then count(answer.waiting, queue .. ' deferred')
  elseif fields[3] == '1' then count(answer.waiting, queue .. ' scheduled') end
end

for _, item in ipairs(redis.call('ZREVRANGE', dead, 0, most - 1)) do
  local fields = redis.call('HMGET', 'modbot:' .. item, 'forum', 'cause')
  count(answer.dead, (fields[1] or '') .. ' ' .. (fields[2] or 'permanent_error'))
end

for i, worker in ipairs(redis.call('SRANDMEMBER', workers, most)) do
  local fields = redis.call('HMGET', worker, 'state', 'last_heartbeat', 'death')
  if fields[1] and fields[2] and not fields[3] then table.insert(answer.workers, {fields[1], fields[2]}) end
end

local beats = redis.call('HMGET', heartbeat, 'enqueued', 'finished')
answer.heartbeat = {enqueued = tonumber(beats[1] or 0), finished = tonumber(beats[2] or 0)}

for i = 3 + queues, #ARGV, 2 do
  local name, limiter = ARGV[i], ARGV[i + 1]
  local state = redis.call('HMGET', limiter .. ':state', 'opens', 'paused_at')
  local opens, used = state[2] and tonumber(state[1]) or 0, 0
  local hours = redis.call('HGETALL', limiter .. ':used')
  for j = 1, #hours, 2 do
    if tonumber(hours[j]) >= math.floor(now / 3600000) - 24 then used = used + tonumber(hours[j + 1]) end
  end
  answer.forums[name] = {
    paused = redis.call('HEXISTS', paused, name) == 1 or redis.call('HEXISTS', paused, '*') == 1,
    closed_until = opens > now and opens / 1000 or 0,
    used = used,
    waiters = redis.call('ZCARD', limiter .. ':waiting'),
    held = redis.call('ZCARD', 'modbot:held:' .. name),
  }
end
return cjson.encode(answer)
