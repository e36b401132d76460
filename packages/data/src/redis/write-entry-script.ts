/**
 * Lua, run by Redis in one step: writes an entry unless the key holds one that is newer, and publishes the message when the revision
 * is another than before. What stands in the key and is no entry is overwritten. Arguments: the fields of `entryFields`, how long
 * to keep, channel, message, and `1` to write whatever is there. Answers 0: newer one there, 1: the same revision, 2: written.
 */
export const writeEntryScript = `
local held = redis.pcall('HMGET', KEYS[1], 'revision', 'main', 'persons', 'replica', 'at')
if held.err then
  redis.call('DEL', KEYS[1])
  held = {}
end
local function below(new, old, margin)
  local a, b = tonumber(new), tonumber(old or nil)
  return a ~= nil and b ~= nil and a < b + margin
end
local revision = ARGV[3]
if held[1] and ARGV[11] ~= '1' then
  local margin = (ARGV[6] == '1' and held[4] ~= '1') and 1 or 0
  if below(ARGV[4], held[2], margin) or below(ARGV[5], held[3], 0) then return 0 end
end
redis.call('HSET', KEYS[1], 'body', ARGV[1], 'sum', ARGV[2], 'revision', revision, 'main', ARGV[4], 'persons', ARGV[5],
  'replica', ARGV[6], 'at', ARGV[7])
redis.call('PEXPIRE', KEYS[1], ARGV[8])
if held[1] == revision then return 1 end
redis.call('PUBLISH', ARGV[9], ARGV[10])
return 2
`;
