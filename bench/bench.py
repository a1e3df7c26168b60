#!/usr/bin/env python3
"""Figures of this server as ratios against a reference measured in the same run.

get      secret reads over TLS, keep-alive, 32 connections, against nginx serving a fixed answer of
         the same size; bursts alternate and each is compared with the nginx bursts around it
connect  a new TLS connection for each request, against nginx
put      secret writes by 1 and by 32 clients, against a program that writes the same rows through the
         same driver, one per commit and in groups of 32; the raw fsync rate is printed beside it
sign     RS256, ES256 and ML-DSA-65 signatures by keys of the vault, keep-alive, 8 connections, against
         two processes of `openssl speed` on the same cores; rounds alternate
unwrap   RSA-OAEP-256 unwraps by a key of the vault, against the private operation of the same
certificate  creation of self-signed EC P-256 certificates by 1 and by 8 clients, against processes of
         `openssl req -x509`, each of which makes one; imports; and how long a page of the list takes with
         BENCH_CERTIFICATES certificates stored (100,000 unless set), against with 1,000
start    from exec to the ready line, and resident memory when idle
postgres reads and writes of one node on a private PostgreSQL: reads against one on SQLite, writes by 32
         clients against a program that writes the same rows to the same PostgreSQL in groups of 32
soak     a mixed load for BENCH_SOAK_MINUTES (30 unless set; 1440 for a day): whether memory and p99 grow,
         and how many bytes the store and the trail do. Not part of `all`

Everything runs on loopback with everything on: tokens, decisions, audit, the store on disk.
"""
import base64
import concurrent.futures
import http.client
import importlib
import json
import os
import pathlib
import re
import shutil
import signal
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
API_VERSION = "2026-04-01"
ML_DSA_VERSION = "2026-05-01-preview"
NAMES = 1000
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "7"))
BURST = os.environ.get("BENCH_BURST", "2")
CERTIFICATES = int(os.environ.get("BENCH_CERTIFICATES", "100000"))
WARM = int(os.environ.get("BENCH_WARM_SECONDS", "20"))
TICK = os.sysconf("SC_CLK_TCK")
# What `openssl speed -mr` calls its lines.
RSA_PRIVATE = "+R1"
ECDSA_SIGN = "+R5"
ML_DSA_SIGN = "+R19"


class Server:
    """A dev server on a folder of its own, with its store on disk."""

    def __init__(self, scratch):
        self.process = subprocess.Popen(
            [str(ROOT / "strongroom"), "dev", "--data", str(scratch / "data"), "--port", "0",
             "--print", "json"], stdout=subprocess.PIPE, text=True)
        line = "-"
        while line and not line.startswith("{"):
            line = self.process.stdout.readline()
        if not line:
            raise SystemExit("bench: the server did not start")
        self.settings = json.loads(line)
        self.port = urllib.parse.urlparse(self.settings["localUrl"]).port
        self.tls = ssl.create_default_context(cafile=self.settings["caFile"])
        self.token = self.new_token()
        self.host = urllib.parse.urlparse(self.settings["vaultUrl"]).netloc

    def new_token(self, audience="vault"):
        form = urllib.parse.urlencode({
            "grant_type": "client_credentials",
            "client_id": self.settings["clientId"],
            "client_secret": self.settings["clientSecret"],
            "scope": f"https://{audience}.localhost:{self.port}/.default"}).encode()
        answer = self.open("POST", f"/{self.settings['tenantId']}/oauth2/v2.0/token", form, {
            "Host": f"login.localhost:{self.port}"})
        return json.loads(answer)["access_token"]

    def open(self, method, path, body=None, headers=None):
        request = urllib.request.Request(
            f"https://localhost:{self.port}{path}", data=body, method=method,
            headers=headers or {})
        with urllib.request.urlopen(request, context=self.tls) as response:
            return response.read()

    def headers(self):
        return {"Host": self.host, "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json"}

    def secret(self, method, name, body=None):
        return self.open(
            method, f"/secrets/{name}?api-version={API_VERSION}", body, self.headers())

    def key(self, path, body):
        return json.loads(
            self.open("POST", f"/keys/{path}", json.dumps(body).encode(), self.headers()))

    def connection(self):
        return http.client.HTTPSConnection("localhost", self.port, context=self.tls)

    def ask(self, connection, method, path, body=None):
        """One request on a connection that is kept."""
        connection.request(method, path, body and json.dumps(body), self.headers())
        answer = connection.getresponse()
        content = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"bench: {method} {path} is {answer.status}: {content}")
        return json.loads(content)

    def created(self, name, kind, version):
        """The name and version of a new key."""
        answer = self.key(f"{name}/create?api-version={version}", kind)
        return urllib.parse.urlparse(answer["key"]["kid"]).path.removeprefix("/keys/")

    def pids(self):
        return [self.process.pid]

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


class Nginx:
    """nginx with two workers, the same certificate, and one fixed answer."""

    def __init__(self, scratch, settings, body):
        self.scratch = scratch
        tls = pathlib.Path(settings["dataDir"]) / "tls"
        self.port = free_port()
        quoted = body.decode().replace("\\", "\\\\").replace("'", "\\'").replace("$", "${dollar}")
        config = scratch / "nginx.conf"
        user = "user root;" if os.geteuid() == 0 else ""
        config.write_text(f"""
{user}
worker_processes 2;
pid {scratch}/nginx.pid;
error_log {scratch}/error.log crit;
daemon off;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  keepalive_requests 100000000;
  large_client_header_buffers 4 32k;
  client_body_temp_path {scratch}/body;
  proxy_temp_path {scratch}/proxy;
  fastcgi_temp_path {scratch}/fastcgi;
  uwsgi_temp_path {scratch}/uwsgi;
  scgi_temp_path {scratch}/scgi;
  geo $dollar {{ default "$"; }}
  server {{
    listen 127.0.0.1:{self.port} ssl;
    ssl_certificate {tls}/server.pem;
    ssl_certificate_key {tls}/server.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_tickets off;
    default_type application/json;
    location / {{ return 200 '{quoted}'; }}
  }}
}}
""")
        self.process = subprocess.Popen(["nginx", "-c", str(config), "-p", str(scratch)])
        wait_for_port(self.port)

    def pids(self):
        children = pathlib.Path(
            f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [self.process.pid] + [int(child) for child in children]

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)


def free_port():
    import socket
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for_port(port):
    import socket
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"bench: nothing listens on {port}")


def cpu_seconds(pids):
    total = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICK


def rss_mebibytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def burst(target, headers, script, connections, seconds, environment=None):
    """One wrk run: requests per second, p50 and p99 in microseconds, CPU microseconds a request."""
    before = cpu_seconds(target.pids())
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script)]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    command.append(f"https://127.0.0.1:{target.port}/")
    output = subprocess.run(command, capture_output=True, text=True, env={
        **os.environ, "BENCH_NAMES": str(NAMES), "BENCH_API_VERSION": API_VERSION,
        **(environment or {})}).stdout
    used = cpu_seconds(target.pids()) - before
    line = next((l for l in output.splitlines() if l.startswith("RESULT")), None)
    if line is None:
        raise SystemExit("bench: wrk said\n" + output)
    requests, micros, errors, p50, p99, _ = (int(x) for x in line.split()[1:])
    if errors or not requests:
        raise SystemExit(f"bench: {errors} of {requests} requests failed")
    return {"rate": requests / micros * 1e6, "p50": p50, "p99": p99,
            "cpu": used / requests * 1e6}


def middle(values):
    return statistics.median(values)


def spread(values):
    return f"{middle(values):.2f} [{min(values):.2f}-{max(values):.2f}]"


def against_nginx(name, connections, extra):
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        server = Server(scratch)
        nginx = None
        try:
            for n in range(NAMES):
                server.secret("PUT", f"bench-{n}", json.dumps({"value": "v" * 64}).encode())
            body = server.secret("GET", "bench-1/")
            nginx = Nginx(scratch, server.settings, body)
            headers = {"Host": server.host, "Authorization": f"Bearer {server.token}", **extra}
            script = ROOT / "bench/lua/get.lua"
            burst(server, headers, script, connections, WARM)
            burst(nginx, headers, script, connections, 2)
            ours, theirs = [], [burst(nginx, headers, script, connections, BURST)]
            for _ in range(ROUNDS):
                ours.append(burst(server, headers, script, connections, BURST))
                theirs.append(burst(nginx, headers, script, connections, BURST))
            ratios = [
                mine["rate"] / ((theirs[i]["rate"] + theirs[i + 1]["rate"]) / 2)
                for i, mine in enumerate(ours)]
            cpu = [
                ((theirs[i]["cpu"] + theirs[i + 1]["cpu"]) / 2) / mine["cpu"]
                for i, mine in enumerate(ours)]
            print(f"{name}: {len(body)} byte answer, {connections} connections, "
                  f"{ROUNDS} rounds of {BURST} s")
            for who, rows in (("strongroom", ours), ("nginx", theirs)):
                print(f"  {who:10} {middle([r['rate'] for r in rows]):9.0f} requests/s  "
                      f"p50 {middle([r['p50'] for r in rows]):6.0f} us  "
                      f"p99 {middle([r['p99'] for r in rows]):6.0f} us  "
                      f"CPU {middle([r['cpu'] for r in rows]):6.1f} us/request")
            print(f"  rss {rss_mebibytes(server.process.pid):.0f} MiB after load")
            print(f"bench {name}_cpu_ratio_to_nginx {spread(cpu)}")
            print(f"bench {name}_ratio_to_nginx {spread(ratios)}")
        finally:
            if nginx:
                nginx.close()
            server.close()


def build():
    """What the reference program needs."""
    subprocess.run(["mvn", "-q", "-B", "-pl", "bench", "-am", "-DskipTests", "package"],
                   cwd=ROOT, check=True)


def reference(scratch, group, seconds, *database):
    """Rows per second of the reference program: same statements, same driver, no server."""
    target = ROOT / "bench/target"
    server = ROOT / "server/target"
    java = os.environ.get("STRONGROOM_JAVA_HOME") or find_jdk()
    output = subprocess.run(
        [f"{java}/bin/java", "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-Xmx256m",
         "-cp", f"{target}/classes:{server}/strongroom.jar",
         "dev.strongroom.bench.StoreReference", str(scratch), str(group), str(seconds),
         *database],
        capture_output=True, text=True)
    if output.returncode:
        raise SystemExit("bench: the reference failed\n" + output.stderr)
    return json.loads(output.stdout)


def find_jdk():
    for home in sorted(pathlib.Path("/usr/lib/jvm").glob("*25*")):
        if (home / "bin/java").exists():
            return str(home)
    raise SystemExit("bench: no JDK 25; set STRONGROOM_JAVA_HOME")


def put():
    build()
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        server = Server(scratch)
        try:
            headers = server.headers()
            script = ROOT / "bench/lua/put.lua"
            burst(server, headers, script, 32, WARM)
            for clients, group, label in ((1, 1, "put_one"), (32, 32, "put_32")):
                ours, rows = [], []
                for i in range(ROUNDS):
                    folder = scratch / f"reference-{group}-{i}"
                    folder.mkdir()
                    rows.append(reference(folder, group, BURST))
                    shutil.rmtree(folder)
                    ours.append(burst(server, headers, script, clients, BURST))
                ratios = [mine["rate"] / row["rowsPerSecond"] for mine, row in zip(ours, rows)]
                print(f"{label}: {clients} clients, {ROUNDS} rounds of {BURST} s; reference writes "
                      f"the same rows, {group} a commit")
                print(f"  strongroom {middle([r['rate'] for r in ours]):9.0f} puts/s  "
                      f"p50 {middle([r['p50'] for r in ours]):6.0f} us  "
                      f"p99 {middle([r['p99'] for r in ours]):6.0f} us  "
                      f"CPU {middle([r['cpu'] for r in ours]):6.1f} us/put")
                print(f"  sqlite     {middle([r['rowsPerSecond'] for r in rows]):9.0f} rows/s")
                print(f"  fsync      {middle([r['fsyncPerSecond'] for r in rows]):9.0f} "
                      "appends of 600 bytes with fdatasync a second")
                print(f"bench {label}_ratio_to_sqlite {spread(ratios)}")
        finally:
            server.close()


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def openssl_speed(algorithm, counted):
    """Two processes of openssl at once: operations per second, and CPU microseconds of each.

    A line is its name, the operations, the algorithm, and the seconds of CPU in user mode that they
    took out of BURST seconds. Not by -multi, which says seconds of the clock there. None where this
    openssl does not know the algorithm.
    """
    command = ["openssl", "speed", "-mr", "-seconds", BURST, algorithm]
    processes = [
        subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for _ in range(2)]
    said = [process.communicate()[1] for process in processes]
    if all("nknown algorithm" in text for text in said):
        return None
    line = rf"^{re.escape(counted)}:(\d+):.*:([\d.]+)$"
    rows = [row for text in said for row in re.findall(line, text, re.MULTILINE)]
    if len(rows) != 2 or any(process.returncode for process in processes):
        raise SystemExit("bench: openssl speed said\n" + "\n".join(said))
    operations = sum(int(count) for count, _ in rows)
    return {"rate": operations / float(BURST),
            "cpu": sum(float(used) for _, used in rows) / operations * 1e6}


def against_openssl(server, name, path, body, algorithm, counted):
    """The same request again and again on 8 connections, and openssl before and after each burst."""
    headers = server.headers()
    script = ROOT / "bench/lua/post.lua"
    environment = {"BENCH_PATH": f"/keys/{path}", "BENCH_BODY": json.dumps(body)}
    burst(server, headers, script, 8, WARM, environment)
    ours, theirs = [], [openssl_speed(algorithm, counted)]
    for _ in range(ROUNDS):
        ours.append(burst(server, headers, script, 8, BURST, environment))
        theirs.append(theirs[0] and openssl_speed(algorithm, counted))
    print(f"{name}: 8 connections, {ROUNDS} rounds of {BURST} s")
    print(f"  strongroom {middle([r['rate'] for r in ours]):9.0f} operations/s  "
          f"p50 {middle([r['p50'] for r in ours]):6.0f} us  "
          f"p99 {middle([r['p99'] for r in ours]):6.0f} us  "
          f"CPU {middle([r['cpu'] for r in ours]):6.1f} us/operation")
    print(f"bench {name}_p50_micros {spread([r['p50'] for r in ours])}")
    if theirs[0] is None:
        print(f"  no reference: this openssl does not know {algorithm}")
        return
    print(f"  openssl    {middle([r['rate'] for r in theirs]):9.0f} operations/s  "
          f"two processes of openssl speed {algorithm}  "
          f"CPU {middle([r['cpu'] for r in theirs]):6.1f} us/operation")
    around = [
        {what: (before[what] + after[what]) / 2 for what in before}
        for before, after in zip(theirs, theirs[1:])]
    cpu = [row["cpu"] / mine["cpu"] for mine, row in zip(ours, around)]
    ratios = [mine["rate"] / row["rate"] for mine, row in zip(ours, around)]
    print(f"bench {name}_cpu_ratio_to_openssl {spread(cpu)}")
    print(f"bench {name}_ratio_to_openssl {spread(ratios)}")


def with_server(run):
    with tempfile.TemporaryDirectory() as scratch:
        server = Server(pathlib.Path(scratch))
        try:
            run(server)
        finally:
            server.close()


def sign(server):
    digest = encoded(bytes(range(32)))
    for name, alg, made, version, algorithm, counted in (
            ("sign_rs256", "RS256", {"kty": "RSA", "key_size": 2048}, API_VERSION,
             "rsa2048", RSA_PRIVATE),
            ("sign_es256", "ES256", {"kty": "EC", "crv": "P-256"}, API_VERSION,
             "ecdsap256", ECDSA_SIGN),
            ("sign_ml_dsa_65", "ML-DSA-65", {"kty": "AKP", "alg": "ML-DSA-65"}, ML_DSA_VERSION,
             "ML-DSA-65", ML_DSA_SIGN)):
        query = f"?api-version={version}"
        key = server.created(name.replace("_", "-"), made, version)
        body = {"alg": alg, "value": digest}
        answer = server.key(f"{key}/sign{query}", body)
        proof = server.key(
            f"{key}/verify{query}", {"alg": alg, "digest": digest, "value": answer["value"]})
        if not proof["value"]:
            raise SystemExit(f"bench: a signature of {alg} does not verify")
        against_openssl(server, name, f"{key}/sign{query}", body, algorithm, counted)


def unwrap(server):
    query = f"?api-version={API_VERSION}"
    content = encoded(bytes(range(32)))
    key = server.created("unwrap", {"kty": "RSA", "key_size": 2048}, API_VERSION)
    wrapped = server.key(f"{key}/wrapkey{query}", {"alg": "RSA-OAEP-256", "value": content})
    body = {"alg": "RSA-OAEP-256", "value": wrapped["value"]}
    if server.key(f"{key}/unwrapkey{query}", body)["value"] != content:
        raise SystemExit("bench: a key is not unwrapped to what was wrapped")
    against_openssl(
        server, "unwrap_rsa_oaep_256", f"{key}/unwrapkey{query}", body, "rsa2048", RSA_PRIVATE)


def openssl_certificates(scratch):
    """Two loops of openssl at once, each making a key and its certificate: certificates per second."""
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
               "-nodes", "-subj", "/CN=bench.test", "-days", "365", "-keyout", "{}.key",
               "-out", "{}.pem"]

    def loop(name):
        made = 0
        end = time.monotonic() + float(BURST)
        while time.monotonic() < end:
            subprocess.run([word.replace("{}", str(scratch / name)) for word in command],
                           check=True, stderr=subprocess.DEVNULL)
            made += 1
        return made

    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(2) as two:
        made = sum(two.map(loop, ("one", "two")))
    return made / (time.monotonic() - began)


def posted(server, connections, seconds, path, body, first=0):
    return burst(server, server.headers(), ROOT / "bench/lua/post.lua", connections, seconds,
                 {"BENCH_PATH": path, "BENCH_BODY": json.dumps(body), "BENCH_FIRST": str(first)})


def certificate(server):
    query = f"?api-version={API_VERSION}"
    policy = {"key_props": {"kty": "EC", "crv": "P-256"}, "x509_props": {"subject": "CN=bench.test"},
              "issuer": {"name": "Self"}}
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        posted(server, 8, WARM, f"/certificates/warm-{{n}}/create{query}", {"policy": policy})
        certificate_create(server, scratch, query, policy)
        pem = (scratch / "one.key").read_text() + (scratch / "one.pem").read_text()
    certificate_import(server, query, pem)
    certificate_list(server, query, pem)


def certificate_create(server, scratch, query, policy):
    connection, waited = server.connection(), []
    for n in range(200):
        path = f"/certificates/polled-{n}"
        began = time.monotonic()
        server.ask(connection, "POST", f"{path}/create{query}", {"policy": policy})
        while server.ask(connection, "GET", f"{path}/pending{query}")["status"] != "completed":
            pass
        waited.append((time.monotonic() - began) * 1e6)
    print("certificate_create_to_completed: one client, create and then poll, keep-alive, 200 times")
    print(f"bench certificate_create_to_completed_p50_micros {spread(waited)}")
    for clients in (1, 8):
        ours, theirs = [], [openssl_certificates(scratch)]
        for i in range(ROUNDS):
            path = f"/certificates/by-{clients}-{i}-{{n}}/create{query}"
            ours.append(posted(server, clients, BURST, path, {"policy": policy}))
            theirs.append(openssl_certificates(scratch))
            # wrk draws a request or two that it does not send
            said = server.ask(
                connection, "GET", f"/certificates/by-{clients}-{i}-5/pending{query}")
            if said["status"] != "completed":
                raise SystemExit(f"bench: a certificate is not complete: {said}")
        ratios = [
            mine["rate"] / ((theirs[i] + theirs[i + 1]) / 2) for i, mine in enumerate(ours)]
        name = f"certificate_create_{clients}"
        print(f"{name}: {clients} clients, new names, complete when answered, "
              f"{ROUNDS} rounds of {BURST} s")
        print(f"  strongroom {middle([r['rate'] for r in ours]):9.0f} certificates/s  "
              f"p50 {middle([r['p50'] for r in ours]):6.0f} us  "
              f"p99 {middle([r['p99'] for r in ours]):6.0f} us  "
              f"CPU {middle([r['cpu'] for r in ours]):6.1f} us/certificate")
        print(f"  openssl    {middle(theirs):9.0f} certificates/s  two processes at a time, "
              "one certificate each")
        print(f"bench {name}_p50_micros {spread([r['p50'] for r in ours])}")
        print(f"bench {name}_ratio_to_openssl {spread(ratios)}")
    connection.close()


def certificate_import(server, query, pem):
    rows = [
        posted(server, 8, BURST, f"/certificates/brought-{i}-{{n}}/import{query}", {"value": pem})
        for i in range(ROUNDS)]
    print(f"certificate_import: PEM, EC P-256, 8 clients, new names, {ROUNDS} rounds of {BURST} s")
    print(f"  strongroom {middle([r['rate'] for r in rows]):9.0f} certificates/s  "
          f"p50 {middle([r['p50'] for r in rows]):6.0f} us  "
          f"p99 {middle([r['p99'] for r in rows]):6.0f} us  "
          f"CPU {middle([r['cpu'] for r in rows]):6.1f} us/certificate")
    print(f"bench certificate_import_per_second {spread([r['rate'] for r in rows])}")


def certificate_list(server, query, pem):
    """Every page of the list, at 1,000 certificates more than there are and at the number asked for."""
    stored, times = 0, {}
    for aim in (1_000, CERTIFICATES):
        began = time.monotonic()
        while stored < aim:
            seconds = "1" if aim - stored < 2_000 else "10"
            posted(server, 8, seconds, f"/certificates/stored-{{n}}/import{query}", {"value": pem},
                   stored)
            stored, _ = walked(server, query)
        filled = time.monotonic() - began
        stored, pages = walked(server, query)
        times[aim] = pages
        print(f"certificate_list: {stored} certificates stored (the last of them imported over HTTPS by "
              f"8 clients in {filled:.0f} s), {len(pages)} pages of 25, one client, keep-alive")
        print(f"  page p50 {middle(pages):.0f} us, p99 {sorted(pages)[len(pages) * 99 // 100]:.0f} us, "
              f"first {pages[0]:.0f} us, last {pages[-1]:.0f} us")
    print(f"bench certificate_list_page_p50_micros {middle(times[CERTIFICATES]):.0f}")
    print("bench certificate_list_page_ratio_to_few "
          f"{middle(times[1_000]) / middle(times[CERTIFICATES]):.2f}")


def walked(server, query):
    """How many certificates the list has, and how many microseconds each page took."""
    connection = server.connection()
    path, found, times = f"/certificates{query}&maxresults=25", 0, []
    while path:
        began = time.monotonic()
        page = server.ask(connection, "GET", path)
        times.append((time.monotonic() - began) * 1e6)
        found += len(page["value"])
        after = page["nextLink"] and urllib.parse.urlparse(page["nextLink"])
        path = after and f"{after.path}?{after.query}"
    connection.close()
    return found, times


def start():
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        server = Server(scratch)
        server.close()
        times, memory = [], []
        for _ in range(ROUNDS):
            began = time.monotonic()
            server = Server(scratch)
            server.secret("PUT", "first", b'{"value":"v"}')
            server.secret("GET", "first/")
            times.append(time.monotonic() - began)
            time.sleep(1.5)
            memory.append(rss_mebibytes(server.process.pid))
            server.close()
        print(f"bench start_seconds_to_first_secret {spread(times)}")
        print(f"bench start_idle_rss_mebibytes {spread(memory)}")


def main():
    parts = {
        "get": lambda: against_nginx("get", 32, {}),
        "connect": lambda: against_nginx("connect", 16, {"Connection": "close"}),
        "put": put,
        "sign": lambda: with_server(sign),
        "unwrap": lambda: with_server(unwrap),
        "certificate": lambda: with_server(certificate),
        "start": start,
        "postgres": lambda: importlib.import_module("postgres").compare(),
        "soak": lambda: importlib.import_module("soak").soak()}
    wanted = sys.argv[1:] or ["all"]
    if wanted == ["all"]:
        wanted = [part for part in parts if part != "soak"]
    for part in wanted:
        if part not in parts:
            raise SystemExit(f"bench: {part} is not one of {', '.join(parts)}")
        parts[part]()


if __name__ == "__main__":
    main()
