-- Take rules into use. One whose content was never live before starts on trial, where its forum asks for that.
-- KEYS: hash of the rules that are or were live (name -> digests), hash of rules held back (name -> JSON)
-- ARGV: mode in which new rules start (live, hold or shadow), then name, digest of each rule
local clock = redis.call('TIME')
for i = 2, #ARGV, 2 do
  local name, digest = ARGV[i], ARGV[i + 1]
  local known = redis.call('HGET', KEYS[1], name)
  if not (known and known:find(digest, 1, true)) then
    local held = redis.call('HGET', KEYS[2], name)
    if ARGV[1] == 'live' then
      redis.call('HSET', KEYS[1], name, digest .. ' ' .. (known or ''):sub(1, 51))
    elseif not held or cjson.decode(held).digest then
      local standing = {mode = ARGV[1], why = known and 'changed' or 'new', digest = digest, at = tonumber(clock[1])}
      redis.call('HSET', KEYS[2], name, cjson.encode(standing))
    end
  end
end
