-- The same body again and again; "{n}" in the path counts.
local path = os.getenv("BENCH_PATH")
local body = os.getenv("BENCH_BODY")
local n = tonumber(os.getenv("BENCH_FIRST") or "0")
request = function()
  n = n + 1
  return wrk.format("POST", (path:gsub("{n}", n)), nil, body)
end
done = function(summary, latency)
  io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests, summary.duration,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99), latency.max))
end
