-- New versions of a rotating set of names.
local names = tonumber(os.getenv("BENCH_NAMES"))
local version = os.getenv("BENCH_API_VERSION")
local body = '{"value":"' .. string.rep("v", 64) .. '","attributes":{"enabled":true}}'
local n = 0
request = function()
  n = n + 1
  return wrk.format("PUT", "/secrets/put-" .. (n * 7919 % names) .. "?api-version=" .. version,
    nil, body)
end
done = function(summary, latency)
  io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests, summary.duration,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99), latency.max))
end
