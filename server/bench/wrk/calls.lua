-- Sends the calls of a file in turn and counts the replies that don't begin as they should.
--   wrk -s calls.lua URL -- FILE [PREFIX]
-- FILE has a form body per line. Without PREFIX replies are not looked at one by one, which costs
-- wrk a copy of each; `done` prints the bytes of all, so that large equal replies can be counted.

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  calls, at, unexpected, sample = {}, 0, 0, ''
  local headers = { ['Content-Type'] = 'application/x-www-form-urlencoded' }
  for body in io.lines(args[1]) do
    calls[#calls + 1] = wrk.format('POST', nil, headers, body)
  end
  count = #calls
  prefix = args[2]
  if prefix then
    prefixLength = #prefix
    response = checkReply
  end
end

function request()
  at = at + 1
  if at > count then at = 1 end
  return calls[at]
end

function checkReply(status, _, body)
  if status ~= 200 or body:sub(1, prefixLength) ~= prefix then
    unexpected = unexpected + 1
    sample = status .. ' ' .. body:sub(1, 200)
  end
end

function done(summary, latency)
  local errors, replies, reply = summary.errors, 0, ''
  for _, thread in ipairs(threads) do
    replies = replies + thread:get('unexpected')
    if thread:get('sample') ~= '' then reply = thread:get('sample') end
  end
  io.write(string.format(
    '\n{"requests":%d,"seconds":%.6f,"bytes":%d,"p50Ms":%.3f,"p99Ms":%.3f,"failed":%d,' ..
      '"unexpected":%d,"sampleHex":"%s"}\n',
    summary.requests, summary.duration / 1e6, summary.bytes, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout, replies,
    reply:gsub('.', function(letter) return string.format('%02x', letter:byte()) end)))
end
