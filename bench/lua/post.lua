-- One operation of a key, the same each time.
local path = os.getenv("BENCH_PATH")
local body = os.getenv("BENCH_BODY")
request = function()
  return wrk.format("POST", path, nil, body)
end
done = function(summary, latency)
  io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests, summary.duration,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99), latency.max))
end
