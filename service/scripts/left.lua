-- Remember the state in which a write left an item, until its webhook comes.
-- KEYS: zset of such states (score: until when, ms). ARGV: state, ms to wait for it, how many are remembered at most.
local clock = redis.call('TIME')
redis.call('ZADD', KEYS[1], clock[1] * 1000 + ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
