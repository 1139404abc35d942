/** Lua: each runs as a whole or not at all, so that no other process comes in between. */

/**
 * Adds a message, once per idempotency key.
 * KEYS: stream, set of agents, record of the idempotency key ('' when there is none).
 * ARGV: agent, longest stream, seconds the key is remembered, fingerprint, message id, then the entry's fields.
 * Returns {'added' | 'seen' | 'conflict' | 'full', stream id or length, message id}.
 */
export const APPEND = `
  local remembered = KEYS[3] ~= ''
  if remembered then
    local seen = redis.call('HMGET', KEYS[3], 'fingerprint', 'stream_id', 'message_id')
    if seen[1] then return {seen[1] == ARGV[4] and 'seen' or 'conflict', seen[2], seen[3]} end
  end
  local length = redis.call('XLEN', KEYS[1])
  if length >= tonumber(ARGV[2]) then return {'full', tostring(length), ''} end
  redis.call('SADD', KEYS[2], ARGV[1])
  local id = redis.call('XADD', KEYS[1], '*', unpack(ARGV, 6))
  if remembered then
    redis.call('HSET', KEYS[3], 'fingerprint', ARGV[4], 'stream_id', id, 'message_id', ARGV[5])
    redis.call('EXPIRE', KEYS[3], ARGV[3])
  end
  return {'added', id, ARGV[5]}`;

/**
 * Moves an entry from the stream to its dead letters. Only who still holds it can; with full dead letters it stays where it is.
 * KEYS: stream, dead letters. ARGV: group, entry id, most dead letters, then the letter's fields. Returns 1 when it moved.
 */
export const BURY = `
  if redis.call('XLEN', KEYS[2]) >= tonumber(ARGV[3]) then return 0 end
  if redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
  redis.call('XADD', KEYS[2], '*', unpack(ARGV, 4))
  redis.call('XDEL', KEYS[1], ARGV[2])
  return 1`;

/**
 * Puts an entry into the stream under a new id; if it is a dead letter, out of those in the same step: two at once move it once.
 * KEYS: stream, dead letters, set of agents. ARGV: agent, letter id ('' for none), longest stream, then the entry's fields.
 * Returns 1 (moved), 0 (it was gone) or -1 (the stream is full).
 */
export const REVIVE = `
  if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[3]) then return -1 end
  if ARGV[2] ~= '' and redis.call('XDEL', KEYS[2], ARGV[2]) == 0 then return 0 end
  redis.call('SADD', KEYS[3], ARGV[1])
  redis.call('XADD', KEYS[1], '*', unpack(ARGV, 4))
  return 1`;

/**
 * Trims a stream to about the wanted length, and never at or after the first entry that some group has not done with.
 * KEYS: stream. ARGV: entries to keep. Returns how many went.
 */
export const TRIM = `
  local surplus = redis.call('XLEN', KEYS[1]) - tonumber(ARGV[1])
  if surplus < 1 then return 0 end
  local function before(a, b)
    local am, as = string.match(a, '^(%d+)-(%d+)$')
    local bm, bs = string.match(b, '^(%d+)-(%d+)$')
    if #am ~= #bm then return #am < #bm end
    if am ~= bm then return am < bm end
    return tonumber(as) < tonumber(bs)
  end
  local floor = nil
  for _, flat in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
    local group = {}
    for index = 1, #flat, 2 do group[flat[index]] = flat[index + 1] end
    local open = group['last-delivered-id']
    if group['pending'] > 0 then open = redis.call('XPENDING', KEYS[1], group['name'])[2] end
    if floor == nil or before(open, floor) then floor = open end
  end
  if floor == nil then return 0 end
  return redis.call('XTRIM', KEYS[1], 'MINID', '~', floor, 'LIMIT', surplus)`;

/**
 * Removes a stream of which everything was processed long ago; the next message makes it anew.
 * KEYS: stream, set of agents. ARGV: agent, group, ms of the clock before which its last message must have come. Returns 1 when it went.
 */
export const RETIRE = `
  if redis.call('EXISTS', KEYS[1]) == 0 then return redis.call('SREM', KEYS[2], ARGV[1]) end
  local groups = redis.call('XINFO', 'GROUPS', KEYS[1])
  if #groups ~= 1 then return 0 end
  local group = {}
  for index = 1, #groups[1], 2 do group[groups[1][index]] = groups[1][index + 1] end
  if group['name'] ~= ARGV[2] or group['pending'] > 0 then return 0 end
  local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
  if last and (last[1] ~= group['last-delivered-id'] or tonumber(string.match(last[1], '^%d+')) >= tonumber(ARGV[3])) then return 0 end
  redis.call('DEL', KEYS[1])
  return redis.call('SREM', KEYS[2], ARGV[1])`;

/**
 * Removes consumers that were not heard of for long and hold nothing; what one holds has to be taken from it first.
 * KEYS: stream. ARGV: group, silent for so many ms, and the one consumer to look at ('' for all but the asking one), the asking one.
 * Returns how many went.
 */
export const FORGET_CONSUMERS = `
  local gone = 0
  for _, flat in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
    local consumer = {}
    for index = 1, #flat, 2 do consumer[flat[index]] = flat[index + 1] end
    local meant = consumer['name'] == ARGV[3] or (ARGV[3] == '' and consumer['name'] ~= ARGV[4])
    if meant and consumer['pending'] == 0 and consumer['idle'] >= tonumber(ARGV[2]) then
      gone = gone + redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], consumer['name']) + 1
    end
  end
  return gone`;
