-- The turn to read an object from the forum, and others of its kind with it that somebody waits for, the longest first.
-- KEYS: zset of the wanted ids (score: since when), zset of those that somebody reads (score: until when at the latest),
--       zset of the reads of late (score: when)
-- ARGV: the id, how many to read at most, ms that a read takes at the longest, ms to wait while somebody is reading it,
--       how many reads that take others along are made at once in a span of so many ms: later ones wait for more to join
-- Returns {ms at which the read begins, the id, others...}, or {0, ms to wait}.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local most = tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
if redis.call('ZSCORE', KEYS[2], ARGV[1]) then return {0, ARGV[4]} end
if most > 1 then
  redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - ARGV[6])
  if redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[5]) then
    redis.call('ZADD', KEYS[1], now, ARGV[1])
    return {0, redis.call('ZRANGE', KEYS[3], 0, 0, 'WITHSCORES')[2] + ARGV[6] - now}
  end
  redis.call('ZADD', KEYS[3], now, ARGV[1])
  redis.call('PEXPIRE', KEYS[3], ARGV[6])
end
redis.call('ZREM', KEYS[1], ARGV[1])
local ids = {ARGV[1]}
if most > 1 then
  for i, found in ipairs(redis.call('ZPOPMIN', KEYS[1], most - 1)) do
    if i % 2 == 1 and not redis.call('ZSCORE', KEYS[2], found) then table.insert(ids, found) end
  end
end
for _, id in ipairs(ids) do redis.call('ZADD', KEYS[2], now + ARGV[3], id) end
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return {now, unpack(ids)}
