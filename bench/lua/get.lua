-- Rotates over names, so that no single row answers everything.
local names = tonumber(os.getenv("BENCH_NAMES"))
local version = os.getenv("BENCH_API_VERSION")
local n = 0
request = function()
  n = n + 1
  return wrk.format("GET", "/secrets/bench-" .. (n % names) .. "/?api-version=" .. version)
end
done = function(summary, latency)
  io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests, summary.duration,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99), latency.max))
end
