-- Take jobs from the front of a queue that is about events, for a running job that does their work along with its own.
-- Their records say that they are not final, so the sweeper brings back what is lost from here on (overdue.lua).
-- KEYS: queue list. ARGV: how many events at most; the first job is taken with all that it has
-- Returns a flat list {when it was queued, as RQ writes it, ids of its events as the pusher does, ...}.
local answer, most, number = {}, tonumber(ARGV[1]), 0
while number < most do
  local id = redis.call('LINDEX', KEYS[1], 0)
  local job = id and redis.call('HMGET', 'rq:job:' .. id, 'description', 'enqueued_at') or {}
  local ids = job[1] and job[1]:match('^event (.+)$')
  if not ids then break end
  local _, spaces = ids:gsub(' ', ' ')
  if number > 0 and number + spaces + 1 > most then break end
  redis.call('LPOP', KEYS[1])
  redis.call('DEL', 'rq:job:' .. id)
  number = number + spaces + 1
  table.insert(answer, job[2] or '')
  table.insert(answer, ids)
end
return answer
