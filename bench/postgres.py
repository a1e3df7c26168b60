"""A node on a private PostgreSQL beside one on SQLite, and against what PostgreSQL itself can write."""
import json
import os
import pathlib
import re
import ssl
import subprocess
import tempfile
import uuid

import bench

SUBJECTS = ("*.vault.localhost", "login.localhost", "management.localhost", "localhost")
ROLES = "/providers/Microsoft.Authorization"
KEY_VAULT_ADMINISTRATOR = "00482a5a-887f-4fb3-b363-3b7fe8e74483"


class Postgres:
    """A PostgreSQL of its own: folder, port on loopback, gone at the end."""

    def __init__(self, scratch):
        self.folder = scratch / "postgres"
        self.folder.mkdir()
        self.port = bench.free_port()
        # because initdb refuses root, who then becomes Debian's postgres user
        self.prefix = []
        if os.geteuid() == 0:
            self.prefix = ["runuser", "-u", "postgres", "--"]
            scratch.chmod(0o755)
            subprocess.run(["chown", "postgres", str(self.folder)], check=True)
        self._run("initdb", "-U", "strongroom", "-A", "trust", "-E", "UTF8")
        self._run("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o",
                  f"-p {self.port} -c listen_addresses=127.0.0.1 "
                  f"-c unix_socket_directories={self.folder}", "start")

    def _run(self, program, *arguments):
        binaries = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
        if not binaries:
            raise SystemExit("bench: no PostgreSQL; on Debian: apt-get install postgresql")
        subprocess.run(
            [*self.prefix, str(binaries[-1] / program), "-D", str(self.folder / "data"),
             *arguments], check=True, cwd=self.folder, stdout=subprocess.DEVNULL)

    def url(self, database):
        subprocess.run(
            [*self.prefix, "psql", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U",
             "strongroom", "-d", "postgres", "-c", f"create database {database}"],
            check=True, cwd=self.folder)
        return f"jdbc:postgresql://127.0.0.1:{self.port}/{database}"

    def close(self):
        self._run("pg_ctl", "-m", "fast", "-w", "stop")


class Installation(bench.Server):
    """`serve` as an operator sets it up, with one vault of which its application is administrator."""

    def __init__(self, scratch, store):
        self.folder = scratch
        self.port = bench.free_port()
        self._certify()
        (scratch / "strongroom.toml").write_text(f"""
data = "{scratch}/data"
domain = "localhost"
unseal.keyFile = "{scratch}/slot.key"
admin.port = 0
{store}
[[listeners]]
address = "127.0.0.1"
port = {self.port}
certificate = "{scratch}/server.pem"
key = "{scratch}/server.key"
""")
        config = ["--config", str(scratch / "strongroom.toml")]
        said = subprocess.run(
            [str(bench.ROOT / "strongroom"), "init", *config, "--admin-secret-out",
             str(scratch / "secret")], check=True, capture_output=True, text=True).stdout
        self.settings = dict(re.findall(r"(\w+Id) +(\S+)", said))
        self.settings["clientSecret"] = (scratch / "secret").read_text().strip()
        self.log = open(scratch / "log", "w")
        self.process = subprocess.Popen(
            [str(bench.ROOT / "strongroom"), "serve", *config], stdout=self.log, stderr=self.log)
        try:
            bench.wait_for_port(self.port)
        except SystemExit:
            self.process.kill()
            raise SystemExit("bench: the server said\n" + (scratch / "log").read_text()) from None
        self.tls = ssl.create_default_context(cafile=str(scratch / "server.pem"))
        self.host = f"speed.vault.localhost:{self.port}"
        self._make_vault()
        self.token = self.new_token()

    def _certify(self):
        names = ",".join(f"DNS:{name}" for name in SUBJECTS)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-keyout", str(self.folder / "server.key"), "-out",
             str(self.folder / "server.pem"), "-days", "2", "-subj", "/CN=bench",
             "-addext", f"subjectAltName={names},IP:127.0.0.1"],
            check=True, capture_output=True)

    def _make_vault(self):
        self.token = self.new_token("management")
        group = f"/subscriptions/{self.settings['subscriptionId']}/resourceGroups/bench"
        vault = f"{group}/providers/Microsoft.KeyVault/vaults/speed"
        role = f"/subscriptions/{self.settings['subscriptionId']}{ROLES}/roleDefinitions/"
        self._put(group, "2023-07-01", {"location": "local"})
        self._put(vault, "2023-07-01", {"location": "local", "properties": {
            "tenantId": self.settings["tenantId"], "enableRbacAuthorization": True,
            "sku": {"family": "A", "name": "standard"}}})
        self._put(f"{vault}{ROLES}/roleAssignments/{uuid.uuid4()}", "2022-04-01", {"properties": {
            "roleDefinitionId": role + KEY_VAULT_ADMINISTRATOR,
            "principalId": self.settings["objectId"], "principalType": "ServicePrincipal"}})

    def _put(self, path, version, body):
        self.open("PUT", f"{path}?api-version={version}", json.dumps(body).encode(), {
            **self.headers(), "Host": f"management.localhost:{self.port}"})

    def close(self):
        super().close()
        self.log.close()


def compare():
    bench.build()
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        database = Postgres(scratch)
        servers = {}
        try:
            for name, store in (
                    ("sqlite", ""),
                    ("postgres", f"""store = "postgres"
postgres.url = "{database.url('strongroom')}"
postgres.user = "strongroom"
""")):
                folder = scratch / f"on-{name}"
                folder.mkdir(mode=0o700)
                servers[name] = Installation(folder, store)
                for n in range(bench.NAMES):
                    servers[name].secret("PUT", f"bench-{n}", b'{"value":"' + b"v" * 64 + b'"}')
            compare_reads(servers)
            compare_writes(servers["postgres"], scratch, database)
        finally:
            for server in servers.values():
                server.close()
            database.close()


def compare_reads(servers):
    script = bench.ROOT / "bench/lua/get.lua"

    def read(name, seconds):
        return bench.burst(servers[name], servers[name].headers(), script, 32, seconds)

    for name in servers:
        read(name, bench.WARM)
    there, here = [], [read("sqlite", bench.BURST)]
    for _ in range(bench.ROUNDS):
        there.append(read("postgres", bench.BURST))
        here.append(read("sqlite", bench.BURST))
    ratios = [
        mine["rate"] / ((here[i]["rate"] + here[i + 1]["rate"]) / 2)
        for i, mine in enumerate(there)]
    print(f"postgres_get: 32 connections, {bench.ROUNDS} rounds of {bench.BURST} s, one node")
    for name, rows in (("postgres", there), ("sqlite", here)):
        print(f"  on {name:9} {bench.middle([r['rate'] for r in rows]):9.0f} requests/s  "
              f"p50 {bench.middle([r['p50'] for r in rows]):6.0f} us  "
              f"p99 {bench.middle([r['p99'] for r in rows]):6.0f} us  "
              f"CPU {bench.middle([r['cpu'] for r in rows]):6.1f} us/request")
    print(f"bench postgres_get_ratio_to_sqlite {bench.spread(ratios)}")


def compare_writes(server, scratch, database):
    headers, script = server.headers(), bench.ROOT / "bench/lua/put.lua"
    bench.burst(server, headers, script, 32, bench.WARM)
    ours, rows = [], []
    for i in range(bench.ROUNDS):
        rows.append(bench.reference(scratch, 32, bench.BURST, database.url(f"reference_{i}")))
        ours.append(bench.burst(server, headers, script, 32, bench.BURST))
    ratios = [mine["rate"] / row["rowsPerSecond"] for mine, row in zip(ours, rows)]
    print(f"postgres_put_32: 32 clients, {bench.ROUNDS} rounds of {bench.BURST} s; reference writes "
          "the same rows, 32 a commit")
    print(f"  strongroom {bench.middle([r['rate'] for r in ours]):9.0f} puts/s  "
          f"p50 {bench.middle([r['p50'] for r in ours]):6.0f} us  "
          f"p99 {bench.middle([r['p99'] for r in ours]):6.0f} us  "
          f"CPU {bench.middle([r['cpu'] for r in ours]):6.1f} us/put")
    print(f"  postgres   {bench.middle([r['rowsPerSecond'] for r in rows]):9.0f} rows/s")
    print(f"bench postgres_put_32_ratio_to_postgres {bench.spread(ratios)}")
