-- Read the records of events whose job has started, and note how far the queue has come (overdue.lua).
-- KEYS: progress hash. ARGV: queue, event ids. Returns a list of flat {field, value, ...} lists, empty for no record.
local answer, newest = {}, tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or 0)
for i = 2, #ARGV do
  local record = redis.call('HGETALL', 'modbot:event:' .. ARGV[i])
  for j = 1, #record, 2 do
    if record[j] == 'queued_at' then newest = math.max(newest, tonumber(record[j + 1])) end
  end
  table.insert(answer, record)
end
redis.call('HSET', KEYS[1], ARGV[1], newest)
return answer
