"""A mixed load for as long as BENCH_SOAK_MINUTES says, and what grows while it lasts.

Each minute has bursts of reads, writes and signatures. The first quarter warms up; over the rest, the
slopes of memory and of the slowest hundredth, by least squares, and how many bytes the store and the trail
grow for an operation.
"""
import json
import os
import pathlib
import statistics
import tempfile
import time

import bench

MINUTES = float(os.environ.get("BENCH_SOAK_MINUTES", "30"))
ROUND_SECONDS = 60
CONNECTIONS = 16
SHARES = {"get": 30, "put": 15, "sign": 15}


def soak():
    with tempfile.TemporaryDirectory() as scratch:
        server = bench.Server(pathlib.Path(scratch))
        try:
            for n in range(bench.NAMES):
                server.secret("PUT", f"bench-{n}", b'{"value":"' + b"v" * 64 + b'"}')
            key = server.created("soak", {"kty": "EC", "crv": "P-256"}, bench.API_VERSION)
            report(run(server, key))
        finally:
            server.close()


def run(server, key):
    signing = {
        "BENCH_PATH": f"/keys/{key}/sign?api-version={bench.API_VERSION}",
        "BENCH_BODY": json.dumps({"alg": "ES256", "value": bench.encoded(bytes(range(32)))})}
    data = pathlib.Path(server.settings["dataDir"])
    rows, began = [], time.monotonic()
    while time.monotonic() - began < MINUTES * 60:
        # a token does not last as long as this does
        server.token = server.new_token()
        row = {"hours": (time.monotonic() - began) / 3600}
        before = sizes(data)
        for kind, seconds in SHARES.items():
            script = bench.ROOT / "bench/lua" / {"sign": "post.lua"}.get(kind, f"{kind}.lua")
            row[kind] = bench.burst(server, server.headers(), script, CONNECTIONS, seconds, signing)
            row[f"{kind}s"] = row[kind]["rate"] * seconds
        row["grown"] = {name: size - before[name] for name, size in sizes(data).items()}
        row["rss"] = bench.rss_mebibytes(server.process.pid)
        rows.append(row)
        print(f"  {row['hours'] * 60:6.1f} min  rss {row['rss']:5.0f} MiB  " + "  ".join(
            f"{kind} {row[kind]['rate']:7.0f}/s p99 {row[kind]['p99']:7.0f} us"
            for kind in SHARES), flush=True)
    return rows


def sizes(data):
    """Bytes on disk of the store and of the audit trail."""
    trail = sum(file.stat().st_blocks * 512 for file in (data / "audit").rglob("*"))
    whole = sum(file.stat().st_blocks * 512 for file in data.rglob("*"))
    return {"audit": trail, "store": whole - trail}


def slope(rows, value):
    if len(rows) < 2:
        raise SystemExit("bench: too short a soak for a slope; set BENCH_SOAK_MINUTES")
    return statistics.linear_regression([row["hours"] for row in rows], [*map(value, rows)]).slope


def report(rows):
    rows = rows[len(rows) // 4:]
    operations = sum(row[f"{kind}s"] for row in rows for kind in SHARES)
    puts = sum(row["puts"] for row in rows)
    print(f"soak: {MINUTES:g} minutes, {CONNECTIONS} connections; slopes over the last three quarters, "
          f"{operations:.0f} operations")
    print(f"bench soak_rss_mebibytes_per_hour {slope(rows, lambda row: row['rss']):.1f} "
          f"[{min(row['rss'] for row in rows):.0f}-{max(row['rss'] for row in rows):.0f} MiB]")
    for kind in SHARES:
        print(f"bench soak_{kind}_p99_micros_per_hour "
              f"{slope(rows, lambda row, kind=kind: row[kind]['p99']):.0f} "
              f"[median {bench.middle([row[kind]['p99'] for row in rows]):.0f}]")
    print(f"bench soak_store_bytes_per_write {sum(r['grown']['store'] for r in rows) / puts:.0f}")
    print("bench soak_audit_bytes_per_operation "
          f"{sum(r['grown']['audit'] for r in rows) / operations:.0f}")
