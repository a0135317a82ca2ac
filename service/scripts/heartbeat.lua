-- Take the turn to send a heartbeat through the queues: one at a time, whichever web process asks first.
-- KEYS: heartbeat hash. ARGV: ms between heartbeats, ms after which one that has not come out is given up.
-- Returns 1 if the caller is to send it.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local fields = redis.call('HMGET', KEYS[1], 'enqueued', 'finished')
local sent, finished = tonumber(fields[1] or 0) * 1000, tonumber(fields[2] or 0) * 1000
local wait = finished >= sent and ARGV[1] or ARGV[2]
if now - sent < tonumber(wait) then return 0 end
redis.call('HSET', KEYS[1], 'enqueued', now / 1000)
return 1
