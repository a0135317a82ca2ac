-- What is due and not final: events and actions to wake a worker for. An item whose job can still stand in its queue
-- (queued after the newest job that was started), or whose worker is at it, is only put off.
-- KEYS: due zset, progress hash (queue -> newest queued_at whose job started)
-- ARGV: how many at most, ms until each is due again, ms until a claim is looked at again, then queue names
-- Returns a flat list {kind, id, queue, ...}.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local progress, empty = {}, {}
for i = 4, #ARGV do
  progress[ARGV[i]] = tonumber(redis.call('HGET', KEYS[2], ARGV[i]) or 0)
  empty[ARGV[i]] = redis.call('LLEN', 'rq:queue:' .. ARGV[i]) == 0
end
local answer = {}
for _, item in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])) do
  local kind, id = item:match('^(%a+):(.+)$')
  local record = 'modbot:' .. kind .. ':' .. id
  local fields = redis.call('HMGET', record, 'state', 'queued_at', 'lane', 'waits', 'lease', 'owner')
  local claimed = fields[1] == 'intent' or fields[1] == 'sent'
  local queue = kind == 'action' and fields[3] or (fields[1] == 'waiting' and 'urgent' or 'evaluate')
  if not fields[1] then
    redis.call('ZREM', KEYS[1], item)
  elseif claimed and tonumber(fields[5]) > now and redis.call('EXISTS', 'modbot:alive:' .. fields[6]) == 1 then
    redis.call('ZADD', KEYS[1], now + ARGV[3], item)
  else
    redis.call('ZADD', KEYS[1], now + ARGV[2], item)
    local in_line = not claimed and not empty[queue] and tonumber(fields[2] or 0) > progress[queue] and fields[4] ~= '1'
    if not in_line then
      redis.call('HSET', record, 'queued_at', now, 'waits', 0)
      for _, value in ipairs({fields[1] == 'waiting' and 'lookup' or kind, id, queue}) do table.insert(answer, value) end
    end
  end
end
return answer
