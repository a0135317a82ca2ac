-- The forum said that we are too fast: nobody sends for a while, then for a minute every permit is held until a window
-- after its reply, and every window is wider by a caution (up to 200 ms) that wears off slowly (release.lua).
-- The pause starts near 1 s and doubles up to 30 s while such answers keep coming within a minute of each other.
-- KEYS: state hash. ARGV: the forum's own demand in ms (0: none), jitter ms.
-- Returns the pause in ms.
local WARY = 60000
local clock = redis.call('TIME')
local now = clock[1] * 1000 + clock[2] / 1000
local last = tonumber(redis.call('HGET', KEYS[1], 'paused_at') or 0)
local backoff = tonumber(redis.call('HGET', KEYS[1], 'backoff') or 0)
backoff = now - last > 60000 and 1000 or math.min(30000, math.max(1000, backoff * 2))
local pause = math.max(backoff, tonumber(ARGV[1])) + tonumber(ARGV[2])
local opens = math.max(tonumber(redis.call('HGET', KEYS[1], 'opens') or 0), now + pause)
local caution = math.min(200, math.max(30, tonumber(redis.call('HGET', KEYS[1], 'caution') or 0) * 1.5))
redis.call('HSET', KEYS[1], 'opens', opens, 'wary_until', opens + WARY, 'paused_at', now, 'backoff', backoff, 'caution', caution)
return math.ceil(pause)
