-- Sends the calls of a file in turn: one form body per line, `wrk -s calls.lua URL -- FILE`.
-- Replies are not looked at here: that halves what wrk can send, and it shares its core with the
-- database. What they were is asked of the server afterwards.

function init(args)
  calls, at = {}, 0
  local headers = { ['Content-Type'] = 'application/x-www-form-urlencoded' }
  for body in io.lines(args[1]) do
    calls[#calls + 1] = wrk.format('POST', nil, headers, body)
  end
  count = #calls
end

function request()
  at = at + 1
  if at > count then at = 1 end
  return calls[at]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"seconds":%.6f,"bytes":%d,"p50Ms":%.3f,"p99Ms":%.3f,' ..
      '"errors":{"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d}}\n',
    summary.requests, summary.duration / 1e6, summary.bytes, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3,
    errors.connect, errors.read, errors.write, errors.status, errors.timeout))
end
