-- Set a rule live that was held back; its counts start again.
-- KEYS: hash of the rules that are or were live, hash of rules held back, then the rule's sorted sets of events
-- ARGV: name. Returns what held it back as JSON, or nothing.
local held = redis.call('HGET', KEYS[2], ARGV[1])
if not held then return false end
local digest = cjson.decode(held).digest
if digest then
  local known = redis.call('HGET', KEYS[1], ARGV[1]) or ''
  redis.call('HSET', KEYS[1], ARGV[1], digest .. ' ' .. known:sub(1, 51))
end
redis.call('HDEL', KEYS[2], ARGV[1])
for i = 3, #KEYS do redis.call('DEL', KEYS[i]) end
return held
