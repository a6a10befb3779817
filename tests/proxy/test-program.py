#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs oai-proxy as its users do: with configurations, signals, systemd's protocols, TLS and several processes.

usage: test-program.py OAI-PROXY DATA-DIRECTORY TLS-CERTIFICATE
"""

import contextlib
import http.client
import http.server
import json
import os
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import traceback

PROGRAM, DATA, CERTIFICATE = (os.path.abspath(path) for path in sys.argv[1:4])
KEY = "sk-of-the-server-that-no-client-may-see"
LIMIT = 60
seen = []


class Upstream(http.server.BaseHTTPRequestHandler):
    """Echoes all that it receives, with the key, and sends streams that a test continues."""

    protocol_version = "HTTP/1.1"
    proceed = threading.Event()

    def log_message(self, *arguments):
        pass

    def reply(self, status, body, content_type="application/json"):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        seen.append(dict(self.headers))
        if "stream" in self.path:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.chunk(b"data: {\"n\":1}\n\n")
            self.proceed.wait(LIMIT)
            self.chunk(b"data: [DONE]\n\n")
            self.wfile.write(b"0\r\n\r\n")
            return
        echo = {"error": {"message": "Incorrect API key provided: " + self.headers.get("Authorization", "")}}
        if "completions" in self.path:
            echo = {"model": "gpt-4o", "usage": {"prompt_tokens": 60, "completion_tokens": 40, "total_tokens": 100}}
        self.reply(401 if "refuse" in self.path else 200, json.dumps(echo).encode())

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()


class QuietServer(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


class Service:
    """A directory with a configuration, and the program that uses it."""

    def __init__(self, upstream, extra="", listen=None, proxy="", name="oai-proxy.conf"):
        self.directory = tempfile.mkdtemp(prefix="oai-")
        self.path = os.path.join(self.directory, name)
        self.upstream, self.log, self.process, self.port = upstream, os.path.join(self.directory, "log"), None, free_port()
        self.listen = listen or "address = 127.0.0.1:%d" % self.port
        self.write_private("key", KEY + "\n")
        self.write_private("tokens", "")
        self.extra, self.proxy = extra, proxy
        self.write()
        self.token = self.run("--add-token", "alice").stdout.strip()
        assert len(self.token) > 20

    def write_private(self, name, text):
        with open(os.path.join(self.directory, name), "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(text)

    def write(self, key="key-file = key", rest=""):
        text = "[proxy]\n%s\n[listen web]\n%s\n[upstream test]\nbase-url = http://127.0.0.1:%d/v1\n%s\n" % (self.proxy, self.listen, self.upstream, key)
        text += "[identity tokens]\ntype = tokens\nfile = tokens\n[log]\naccess = access.log\n%s\n%s" % (self.extra, rest)
        self.write_private(os.path.basename(self.path), text.replace("access.log", os.path.join(self.directory, "access.log")))

    def run(self, *arguments, **more):
        return subprocess.run([PROGRAM, "--config", self.path, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=LIMIT, **more)

    def start(self, environment=None, prefix=(), **more):
        log = open(self.log, "a")
        self.process = subprocess.Popen([*prefix, PROGRAM, "--config", self.path], stdout=log, stderr=log, env={**os.environ, **(environment or {})}, **more)
        log.close()
        return self

    def read_config(self):
        with open(self.path) as file:
            return file.read()

    def read_log(self):
        with open(self.log) as file:
            return file.read()

    def wait_for_log(self, text):
        wait(lambda: text in self.read_log() or self.process.poll() is not None, lambda: self.read_log())
        assert text in self.read_log(), self.read_log()

    def ready(self):
        wait(lambda: can_connect(self.port), self.read_log)
        return self

    def get(self, path="/v1/models", token=None, connection=None, method="GET"):
        connection = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT)
        connection.request(method, path, headers={"Authorization": "Bearer " + (token or self.token)})
        reply = connection.getresponse()
        return reply, connection

    def fetch(self, path="/v1/files", **more):
        reply, connection = self.get(path, **more)
        body = reply.read().decode()
        connection.close()
        return reply.status, body

    def fetch_again(self, connection, token):
        reply, _ = self.get("/v1/files", token=token, connection=connection)
        reply.read()
        return reply.status

    def stop(self):
        """The program must have replied to a request, since the signal ends it at once while it starts."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(LIMIT)

    def close(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.directory)


def wait(condition, describe=lambda: ""):
    end = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < end, describe()
        time.sleep(0.02)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def can_connect(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=LIMIT):
        return True
    return False


@contextlib.contextmanager
def service(upstream, **more):
    started = Service(upstream, **more)
    try:
        yield started
    finally:
        started.close()


def test_problems(upstream):
    with service(upstream) as self:
        self.write_private("bad.conf", "[proxy]\nworker = 2\n[lissten web]\n[limits x]\nmax-streams = many\nno equals sign sk-secret\n[upstream a]\nkey-file = none\n")
        done = subprocess.run([PROGRAM, "--check", "--config", os.path.join(self.directory, "bad.conf")], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert done.returncode == 1
        for text in ("bad.conf:2: “worker” is not a key of [proxy]. Do you mean “workers”?", "bad.conf:3: There is no group [lissten]. Do you mean [listen]?",
                     "bad.conf:5: ", "bad.conf:6: ", "bad.conf:7: ", "no client could use the proxy"):
            assert text in done.stderr, done.stderr
        assert "sk-secret" not in done.stderr
        assert self.run("--check").returncode == 0


def test_permissions(upstream):
    with service(upstream) as self:
        os.chmod(os.path.join(self.directory, "key"), 0o644)
        done = self.run("--check")
        assert done.returncode == 1 and "oai-proxy.conf:5: " in done.stderr and KEY not in done.stderr, done.stderr


def test_anonymous(upstream):
    with service(upstream, proxy="allow-anonymous = true", listen="address = *:0") as self:
        done = self.run("--check")
        assert done.returncode == 1 and "allow-anonymous" in done.stderr, done.stderr


def test_tokens(upstream):
    with service(upstream, extra="[identity sessions]\ntype = issuer\nfile = keys\n") as self:
        self.write_private("keys", self.run("--generate-key", "a").stdout)
        issued = self.run("--issue-token", "bob", "--lifetime", "60").stdout.strip()
        assert issued.startswith("sess-"), issued
        line = self.run("--hash-token", "carol", input="a-token-that-was-made-elsewhere-0123456789\n").stdout
        assert line.startswith("carol:") and "elsewhere" not in line
        self.start().ready()
        assert self.fetch(token=issued)[0] == 200
        assert self.fetch(token="sess-invalid")[0] == 401
        assert self.fetch()[0] == 200
        assert seen[-1]["Authorization"] == "Bearer " + KEY


def test_missing_plug_ins(upstream):
    with service(upstream) as self:
        self.write(rest="[redis]\nurl = redis://127.0.0.1:1\n[usage]\ndatabase = postgresql://127.0.0.1:1/x\n"
                        "[identity company]\ntype = openid\nissuer = https://login.example.com\naudience = a\n")
        empty = {**os.environ, "OAI_MODULE_PATH": self.directory}
        done = self.run("--check", env=empty)
        assert done.returncode == 1, done.stderr
        for setting, name in (("“url” in [redis]", "redis"), ("“database” in [usage]", "postgresql"), ("“type = openid” in [identity]", "openid")):
            line = next(line for line in done.stderr.splitlines() if setting in line)
            assert "oai-proxy.conf:" in line and "liboai-proxy-%s.so" % name in line and "-Dproxy-%s=enabled" % name in line, line
        self.write(rest="[usage]\ndatabase = %s/usage.db\n" % self.directory)
        done = self.run("--check", env=empty)
        assert done.returncode == 1 and "liboai-proxy-sqlite.so" in done.stderr, done.stderr
        assert "liboai-proxy-sqlite.so" in self.run(env=empty).stderr
        assert not os.path.exists(os.path.join(self.directory, "usage.db"))


def test_added_tokens(upstream):
    with service(upstream, extra="[limits small]\nmax-streams = 1\n") as self:
        path = os.path.join(self.directory, "tokens")
        os.unlink(path)
        for arguments in (("alice", "--limits", "large"), ("a:b",), ("alice", "--limits", "a:b")):
            done = self.run("--add-token", *arguments)
            assert done.returncode == 1 and done.stdout == "" and not os.path.exists(path), done
        assert "[limits large]" in self.run("--add-token", "alice", "--limits", "large").stderr
        done = self.run("--add-token", "alice", "--limits", "small", umask=0o022)
        assert done.returncode == 0 and "was created" in done.stderr, done.stderr
        assert os.stat(path).st_mode & 0o777 == 0o600
        assert self.run("--add-token", "bob").stderr == ""
        with open(path) as file:
            assert [line.split(":")[0] for line in file] == ["alice", "bob"]
        self.token = done.stdout.strip()
        assert self.run("--check").returncode == 0
        token = "a-token-that-was-made-elsewhere-0123456789\n"
        assert self.run("--hash-token", "carol", "--limits", "large", input=token).returncode == 1
        assert self.run("--hash-token", "carol", "--limits", "small", input=token).stdout.endswith(":small\n")
        alone = subprocess.run([PROGRAM, "--hash-token", "carol", "--limits", "large"], input=token, stdout=subprocess.PIPE, text=True)
        assert alone.stdout.endswith(":large\n")
        os.unlink(path)
        os.symlink(os.path.join(self.directory, "elsewhere"), path)
        done = self.run("--add-token", "alice")
        assert done.returncode == 1 and not os.path.exists(os.path.join(self.directory, "elsewhere")), done


def test_reload(upstream):
    with service(upstream) as self:
        self.start().ready()
        assert self.fetch("/v1/files")[0] == 200
        self.proxy = "prefix = /ai"
        self.write()
        self.process.send_signal(signal.SIGHUP)
        self.wait_for_log("The configuration was read again.")
        assert self.fetch("/ai/v1/files")[0] == 200
        assert self.fetch("/v1/files")[0] == 404
        self.proxy = "prefix = /other\nunknown = 1"
        self.write()
        self.process.send_signal(signal.SIGHUP)
        self.wait_for_log("The former configuration is used further.")
        assert "“unknown” is not a key" in self.read_log()
        assert self.fetch("/ai/v1/files")[0] == 200


def test_graceful_stop(upstream):
    with service(upstream, proxy="shutdown-timeout = 50s") as self:
        Upstream.proceed.clear()
        self.start().ready()
        reply, connection = self.get("/v1/responses/stream")
        assert reply.read1(100) == b"data: {\"n\":1}\n\n"
        self.process.send_signal(signal.SIGTERM)
        wait(lambda: not can_connect(self.port))
        assert self.process.poll() is None
        Upstream.proceed.set()
        assert reply.read() == b"data: [DONE]\n\n"
        assert self.process.wait(LIMIT) == 0
        connection.close()


def test_time_limit_of_stop(upstream):
    with service(upstream, proxy="shutdown-timeout = 200ms") as self:
        Upstream.proceed.clear()
        self.start().ready()
        reply, connection = self.get("/v1/responses/stream")
        reply.read1(100)
        assert self.stop() == 0, self.read_log()
        assert_truncated(reply)
        Upstream.proceed.set()
        connection.close()


def test_second_signal(upstream):
    with service(upstream, proxy="shutdown-timeout = 1h") as self:
        Upstream.proceed.clear()
        self.start().ready()
        reply, connection = self.get("/v1/responses/stream")
        reply.read1(100)
        self.process.send_signal(signal.SIGTERM)
        self.wait_for_log("The proxy stops when its requests have ended.")
        assert self.stop() == 0, self.read_log()
        assert_truncated(reply)
        Upstream.proceed.set()
        connection.close()


def assert_truncated(reply):
    try:
        reply.read()
    except (http.client.IncompleteRead, OSError):
        return
    raise AssertionError("the stream seems to be complete")


def test_passed_socket(upstream):
    with service(upstream, listen="systemd = web") as self, socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        self.port = listening.getsockname()[1]
        script = 'exec 3<&%d; export LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=web; exec "$@"' % listening.fileno()
        self.start(prefix=("sh", "-c", script, "sh"), pass_fds=(listening.fileno(),))
        assert self.fetch()[0] == 200
        assert self.stop() == 0, self.read_log()
    with service(upstream, listen="systemd = web") as self:
        done = self.run()
        assert done.returncode == 1 and "FileDescriptorName=" in done.stderr, done.stderr


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


def test_unix_socket(upstream):
    with service(upstream, listen="unix = sock\nmode = 0600", extra="[identity users]\ntype = peers\nmap = user:%d = me\n" % os.getuid()) as self:
        path = os.path.join(self.directory, "sock")
        self.start()
        self.wait_for_log("Listening")
        assert os.stat(path).st_mode & 0o777 == 0o600
        connection = UnixConnection(path)
        connection.request("GET", "/v1/files")
        assert connection.getresponse().status == 200
        connection.close()
        assert self.stop() == 0, self.read_log()
        assert not os.path.exists(path)


def get_server_name(port):
    with socket.create_connection(("127.0.0.1", port), timeout=LIMIT) as plain:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols(["http/1.1"])
        with context.wrap_socket(plain) as secure:
            assert secure.selected_alpn_protocol() == "http/1.1"
            secure.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert secure.recv(100).startswith(b"HTTP/1.1 200 ")
            return secure.getpeercert(True)


def test_tls(upstream):
    with service(upstream, extra="[tls]\ncertificate = tls.pem\nkey = tls-key.pem\n") as self:
        self.listen += "\ntls = true"
        self.write()
        certificate, key = os.path.join(self.directory, "tls.pem"), os.path.join(self.directory, "tls-key.pem")
        shutil.copy(CERTIFICATE, certificate)
        shutil.copy(CERTIFICATE, key)
        self.start().ready()
        first = get_server_name(self.port)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                        "-subj", "/CN=new.example", "-keyout", key, "-out", certificate], check=True, stderr=subprocess.DEVNULL)
        self.process.send_signal(signal.SIGHUP)
        self.wait_for_log("The configuration was read again.")
        assert get_server_name(self.port) != first
        assert self.stop() == 0, self.read_log()


def list_children(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid)) as file:
        return [int(word) for word in file.read().split()]


def test_workers(upstream):
    with service(upstream, proxy="workers = 2\nshutdown-timeout = 5s") as self:
        self.write("key-environment = TEST_KEY")
        self.start(environment={"TEST_KEY": KEY}).ready()
        wait(lambda: len(list_children(self.process.pid)) == 2)
        for _ in range(20):
            assert self.fetch()[0] == 200
        assert seen[-1]["Authorization"] == "Bearer " + KEY
        wait(lambda: self.read_log().count("Listening at") == 2, self.read_log)
        first = list_children(self.process.pid)
        os.kill(first[0], signal.SIGKILL)
        for _ in range(20):
            assert self.get_with_retry()[0] == 200
        wait(lambda: len(list_children(self.process.pid)) == 2 and first[0] not in list_children(self.process.pid))
        wait(lambda: self.read_log().count("Listening at") == 3, self.read_log)
        self.proxy += "\nprefix = /ai"
        self.write("key-environment = TEST_KEY")
        self.process.send_signal(signal.SIGHUP)
        wait(lambda: self.read_log().count("The configuration was read again.") == 2, self.read_log)
        assert self.fetch("/ai/v1/files")[0] == 200
        check_processes(self, [self.process.pid, *list_children(self.process.pid)])
        assert self.stop() == 0, self.read_log()


def get_with_retry(self):
    """The connections that a killed process had accepted are lost."""
    try:
        return self.fetch()
    except (OSError, http.client.HTTPException):
        return self.fetch()


Service.get_with_retry = get_with_retry


def read_metrics(port):
    """The values by name and labels."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))}


def has_requests(port, count):
    """Whether all metrics that count requests have this value."""
    values = read_metrics(port)
    names = ("oai_proxy_requests_total{", "oai_proxy_outcomes_total{", "oai_proxy_request_duration_seconds_count{")
    return all(sum(value for key, value in values.items() if key.startswith(name)) == count for name in names)


def test_metrics_of_workers(upstream):
    metrics = free_port()
    with service(upstream, proxy="workers = 2", extra="[metrics]\naddress = 127.0.0.1:%d\n" % metrics) as self:
        self.start().ready()
        wait(lambda: self.read_log().count("Listening at") == 2, self.read_log)
        started = read_metrics(metrics)["oai_proxy_start_time_seconds"]
        for _ in range(40):
            assert self.fetch()[0] == 200
        wait(lambda: has_requests(metrics, 40))
        assert read_metrics(metrics)["oai_proxy_process_starts_total"] == 2

        # A worker that hangs does not delay the reply.
        workers = list_children(self.process.pid)
        for worker in workers:
            os.kill(worker, signal.SIGSTOP)
        assert has_requests(metrics, 40)
        for worker in workers:
            os.kill(worker, signal.SIGCONT)

        # What a worker has counted remains, and what it had open does not.
        Upstream.proceed.clear()
        reply, connection = self.get("/v1/responses/stream")
        reply.read1(100)
        wait(lambda: read_metrics(metrics)["oai_proxy_open_streams"] == 1)
        for number, worker in enumerate(workers, 3):
            os.kill(worker, signal.SIGKILL)
            wait(lambda: read_metrics(metrics)["oai_proxy_process_starts_total"] == number)
            assert has_requests(metrics, 40)
        assert read_metrics(metrics)["oai_proxy_open_streams"] == 0
        Upstream.proceed.set()
        connection.close()
        wait(lambda: self.read_log().count("Listening at") == 4, self.read_log)
        for _ in range(20):
            assert self.fetch()[0] == 200
        wait(lambda: has_requests(metrics, 60))
        assert read_metrics(metrics)["oai_proxy_start_time_seconds"] == started

        # The address can change; the number of workers and their addresses cannot.
        moved = free_port()
        self.proxy, self.extra = "workers = 3", "[metrics]\naddress = 127.0.0.1:%d\n" % moved
        self.listen = "address = 127.0.0.1:%d" % free_port()
        self.write()
        self.process.send_signal(signal.SIGHUP)
        wait(lambda: self.read_log().count("The configuration was read again.") == 2, self.read_log)
        assert has_requests(moved, 60) and not can_connect(metrics)
        assert "“workers” in [proxy] has changed. This has no effect until the proxy is restarted." in self.read_log()
        assert "[listen web] has changed. With several workers, this has no effect until the proxy is restarted." in self.read_log()
        assert self.fetch()[0] == 200
        assert self.stop() == 0, self.read_log()


def reload(self, text="The configuration was read again."):
    count = self.read_log().count(text)
    self.process.send_signal(signal.SIGHUP)
    wait(lambda: self.read_log().count(text) == count + 1, self.read_log)


def test_reload_of_addresses(upstream):
    ports = [free_port() for _ in range(4)]
    with service(upstream) as self, socket.socket() as other:
        path = os.path.join(self.directory, "sock")
        self.start().ready()
        kept = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT)
        assert self.get(connection=kept)[0].read()

        # Another address, a UNIX socket and metrics; the first one is renamed, and its connections stay open.
        first = "[listen other]\naddress = 127.0.0.1:%d\n" % self.port
        self.listen = "address = 127.0.0.1:%d" % ports[0]
        self.write(rest=first + "[listen file]\nunix = sock\n[metrics]\naddress = 127.0.0.1:%d\n" % ports[1])
        reload(self)
        assert self.get(connection=kept)[0].read()
        assert can_connect(ports[0]) and can_connect(self.port) and os.path.exists(path)
        assert read_metrics(ports[1])["oai_proxy_open_connections"] >= 1

        # An address that is in use: nothing changes.
        other.bind(("127.0.0.1", 0))
        other.listen()
        self.listen = "address = 127.0.0.1:%d" % ports[2]
        self.write(rest="[listen used]\naddress = 127.0.0.1:%d\n" % other.getsockname()[1])
        reload(self, "The former configuration is used further.")
        assert "Cannot listen at 127.0.0.1:%d" % other.getsockname()[1] in self.read_log()
        assert can_connect(ports[0]) and can_connect(ports[1]) and not can_connect(ports[2]) and os.path.exists(path)

        # Addresses are removed; a connection that is open remains.
        self.proxy = "workers = 2"
        self.write(rest="[metrics]\naddress = 127.0.0.1:%d\n[listen file]\nunix = sock\nmode = 0600\n[listen unit]\nsystemd = web\n" % ports[3])
        reload(self)
        assert self.get(connection=kept)[0].read()
        kept.close()
        assert can_connect(ports[2]) and can_connect(ports[3]) and not any(can_connect(port) for port in (self.port, ports[0], ports[1]))
        for key, group in (("workers", "proxy"), ("mode", "listen file"), ("systemd", "listen unit")):
            assert "“%s” in [%s] has changed. This has no effect until the proxy is restarted." % (key, group) in self.read_log()
        self.port = ports[2]
        self.write()
        reload(self)
        assert self.fetch()[0] == 200 and not os.path.exists(path) and not can_connect(ports[3])
        assert self.stop() == 0, self.read_log()


def test_reload_of_anonymous(upstream):
    with service(upstream, listen="address = *:%d" % free_port()) as self:
        self.start()
        self.wait_for_log("Listening")
        self.proxy, self.listen = "allow-anonymous = true", "address = 127.0.0.1:%d" % self.port
        self.write()
        reload(self)
        assert self.fetch(token="unknown")[0] == 200
        self.listen = "address = *:%d" % free_port()
        self.write()
        reload(self, "The former configuration is used further.")
        assert self.fetch(token="unknown")[0] == 200
        self.proxy, self.listen = "prefix = a?b", "address = 127.0.0.1:%d" % free_port()
        self.write()
        assert "a?b" in self.run("--check").stderr
        reload(self, "The former configuration is used further.")
        assert self.fetch(token="unknown")[0] == 200
        assert self.stop() == 0, self.read_log()


def find_other_address():
    """An address of this machine, from which clients are not local."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        with contextlib.suppress(OSError):
            probe.connect(("192.0.2.1", 9))
            if not probe.getsockname()[0].startswith("127."):
                return probe.getsockname()[0]
    raise Skipped("the machine has no network")


def test_reload_of_anonymous_with_connections(upstream):
    """A connection of another machine that is open when local clients need no credentials still needs them."""
    address = find_other_address()
    with service(upstream, listen="address = *:%d" % free_port()) as self:
        self.start()
        self.wait_for_log("Listening")
        remote = http.client.HTTPConnection(address, int(self.listen.rsplit(":", 1)[1]), timeout=LIMIT)
        assert self.fetch_again(remote, self.token) == 200
        self.proxy, self.listen = "allow-anonymous = true", "address = 127.0.0.1:%d" % self.port
        self.write()
        reload(self)
        assert self.fetch(token="unknown")[0] == 200
        assert self.fetch_again(remote, "unknown") == 401
        assert self.fetch_again(remote, self.token) == 200
        remote.close()
        assert self.stop() == 0, self.read_log()


def test_reload_of_tls(upstream):
    with service(upstream, extra="[tls]\ncertificate = tls.pem\nkey = tls.pem\n") as self:
        shutil.copy(CERTIFICATE, os.path.join(self.directory, "tls.pem"))
        self.start().ready()
        assert self.fetch()[0] == 200
        plain = self.listen
        self.listen += "\ntls = true"
        self.write()
        reload(self)
        assert get_server_name(self.port)
        self.listen, self.extra = plain, ""
        self.write()
        reload(self)
        assert self.fetch()[0] == 200
        assert self.stop() == 0, self.read_log()


def test_worker_keeps_tls(upstream):
    """A worker that is started again after a change does not serve a port without TLS that had it."""
    with service(upstream, proxy="workers = 1", extra="[tls]\ncertificate = tls.pem\nkey = tls.pem\n") as self:
        shutil.copy(CERTIFICATE, os.path.join(self.directory, "tls.pem"))
        plain, self.proxy = self.listen, "workers = 2"
        self.listen += "\ntls = true"
        self.write()
        self.start()
        wait(lambda: self.read_log().count("Listening at") == 2, self.read_log)
        self.listen = plain
        self.write()
        self.process.send_signal(signal.SIGHUP)
        wait(lambda: self.read_log().count("The configuration was read again.") == 2, self.read_log)
        for number, worker in enumerate(list_children(self.process.pid), 3):
            os.kill(worker, signal.SIGKILL)
            wait(lambda: self.read_log().count("Listening at") == number, self.read_log)
        for _ in range(4):
            assert get_server_name(self.port)
        assert self.stop() == 0, self.read_log()


def test_lost_supervisor(upstream):
    with service(upstream, proxy="workers = 2\nshutdown-timeout = 1s") as self:
        self.start().ready()
        wait(lambda: self.read_log().count("Listening at") == 2, self.read_log)
        self.process.kill()
        self.process.wait()
        wait(lambda: not can_connect(self.port))


def receive_until(channel, text):
    received = ""
    while text not in received:
        received = channel.recv(4096).decode()
    return received


def test_notify(upstream):
    with service(upstream) as self, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        path = os.path.join(self.directory, "notify")
        channel.bind(path)
        channel.settimeout(LIMIT)
        self.start(environment={"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "200000"})
        assert "STATUS=Listening at 127.0.0.1:%d" % self.port in receive_until(channel, "READY=1")
        receive_until(channel, "WATCHDOG=1")
        receive_until(channel, "WATCHDOG=1")
        self.process.send_signal(signal.SIGHUP)
        assert "MONOTONIC_USEC=" in receive_until(channel, "RELOADING=1")
        receive_until(channel, "READY=1")
        self.process.send_signal(signal.SIGTERM)
        receive_until(channel, "STOPPING=1")
        assert self.process.wait(LIMIT) == 0


def check_processes(self, pids):
    """What the kernel shows of the processes does not contain the key or the token, also to the administrator."""
    for pid in pids:
        for name in ("cmdline", "environ", "status", "comm", "stat", "maps", "mountinfo"):
            try:
                with open("/proc/%d/%s" % (pid, name), "rb") as file:
                    text = file.read()
            except PermissionError:
                continue
            assert KEY.encode() not in text and self.token.encode() not in text, name
        with open("/proc/%d/limits" % pid) as file:
            core = next(line for line in file if line.startswith("Max core file size"))
            assert core.split()[4:6] == ["0", "0"], core


def test_secrets(upstream):
    metrics = free_port()
    with_usage = os.path.exists(os.path.join(os.environ.get("OAI_MODULE_PATH", ""), "proxy", "liboai-proxy-sqlite.so"))
    with service(upstream, extra="[metrics]\naddress = 127.0.0.1:%d\n" % metrics) as self:
        if with_usage:
            self.extra += "[usage]\ndatabase = %s/usage.db\n" % self.directory
        self.write("key-environment = TEST_KEY")
        self.start(environment={"TEST_KEY": KEY, "G_MESSAGES_DEBUG": "all"}).ready()
        texts = [self.fetch("/v1/files")[1], self.fetch("/v1/refuse")[1], self.fetch("/v1/files?api-key=" + self.token)[1],
                 self.fetch("/v1/files", token="x" * 40)[1], self.fetch("/v1/chat/completions", method="POST")[1], self.fetch("/nothing")[1]]
        assert any("Incorrect API key" in text for text in texts)
        connection = http.client.HTTPConnection("127.0.0.1", metrics, timeout=LIMIT)
        connection.request("GET", "/metrics")
        texts.append(connection.getresponse().read().decode())
        assert "# TYPE" in texts[-1]
        connection.close()
        check_processes(self, [self.process.pid])
        assert self.stop() == 0, self.read_log()
        if with_usage:
            usage = self.run("--usage")
            assert "alice" in usage.stdout, usage.stderr
            texts.append(usage.stdout)
        for name in os.listdir(self.directory):
            if name not in ("tokens", "oai-proxy.conf", "key"):
                with open(os.path.join(self.directory, name), "rb") as file:
                    texts.append(file.read().decode(errors="replace"))
        assert '"alice"' in "".join(texts)
        for text in texts:
            assert KEY not in text and self.token not in text and "TEST_KEY" not in text, text


def test_credential_of_tokens(upstream):
    """The service reads its copy, and a new token is added to the file."""
    with service(upstream) as self:
        self.write_private("oai-proxy.conf", self.read_config().replace("file = tokens\n", "file = tokens\nfile-credential = copy\n"))
        credentials = os.path.join(self.directory, "credentials")
        environment = {**os.environ, "CREDENTIALS_DIRECTORY": credentials}
        os.mkdir(credentials)
        assert "copy" in self.run("--check", env=environment).stderr
        assert self.run("--check").returncode == 0
        self.write_private("credentials/copy", "")
        done = self.run("--add-token", "bob")
        assert done.returncode == 0 and "Restart it" in done.stderr, done.stderr
        self.start(environment=environment).ready()
        assert self.fetch()[0] == 401
        assert self.stop() == 0, self.read_log()
        shutil.copy(os.path.join(self.directory, "tokens"), os.path.join(credentials, "copy"))
        self.start(environment=environment).ready()
        assert self.fetch()[0] == 200 and self.fetch(token=done.stdout.strip())[0] == 200
        assert self.stop() == 0, self.read_log()


def check_units(directory):
    program = shutil.which("systemd-analyze")
    if program is None:
        print("# systemd-analyze is not installed, so the units were not checked")
        return
    units = [os.path.join(directory, name) for name in ("oai-proxy.service", "oai-proxy.socket")]
    with open(os.path.join(DATA, "oai-proxy.service.in")) as file:
        text = file.read()
    for name, value in (("bindir", os.path.dirname(PROGRAM)), ("config", "/etc/oai-proxy/oai-proxy.conf"), ("configdir", "/etc/oai-proxy")):
        text = text.replace("@%s@" % name, value)
    with open(units[0], "w") as file:
        file.write(text)
    shutil.copy(os.path.join(DATA, "oai-proxy.socket"), units[1])
    done = subprocess.run([program, "verify", "--man=no", *units], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0 and done.stdout == "", done.stdout
    # The exposure in tenths: sockets, the network, and ports below 1024.
    done = subprocess.run([program, "security", "--offline=true", "--no-pager", "--threshold=15", units[0]], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout


class Skipped(Exception):
    """The test cannot be run in this build."""


def require_plug_in(name):
    if not os.path.exists(os.path.join(os.environ.get("OAI_MODULE_PATH", ""), "proxy", "liboai-proxy-%s.so" % name)):
        raise Skipped("the plug-in %s is not built" % name)


def complete(self, token=None):
    connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT)
    headers = {"Authorization": "Bearer " + (token or self.token), "Content-Type": "application/json"}
    connection.request("POST", "/v1/chat/completions", '{"model": "gpt-4o", "messages": []}', headers)
    reply = connection.getresponse()
    reply.read()
    connection.close()
    return reply


def check_restored_limits(self):
    other = self.run("--add-token", "bob").stdout.strip()
    self.start().ready()
    assert [complete(self).status for _ in range(3)] == [200, 200, 429]
    assert complete(self, other).status == 200
    assert self.stop() == 0, self.read_log()
    for _ in range(2):
        self.start().ready()
        refused = complete(self)
        assert refused.status == 429 and int(refused.headers["Retry-After"]) > 3600, self.read_log()
        assert complete(self, other).status == (200 if _ == 0 else 429)
        assert self.stop() == 0, self.read_log()


def test_restored_limits(upstream):
    require_plug_in("sqlite")
    for limit in ("tokens-per-day = 200", "cost-per-day = 0.0005", "cost-per-month = 0.0005", "requests-per-day = 2"):
        with service(upstream) as self:
            self.extra += "[usage]\ndatabase = %s/usage.db\n[limits default]\n%s\n[prices]\ngpt-4o = 2.5; 5\n" % (self.directory, limit)
            self.write()
            check_restored_limits(self)


def test_limits_after_redis(upstream):
    """Counters in memory begin with the records also if they were elsewhere before."""
    require_plug_in("sqlite")
    require_plug_in("redis")
    with service(upstream) as self:
        extra = self.extra + "[usage]\ndatabase = %s/usage.db\n[limits default]\nrequests-per-day = 1\n" % self.directory
        self.extra = extra + "[redis]\nurl = redis://127.0.0.1:1\nwhen-unavailable = allow\n"
        self.write()
        self.start().ready()
        assert complete(self).status == 200
        self.extra = extra
        self.write()
        reload(self)
        assert complete(self).status == 429
        assert self.stop() == 0, self.read_log()


def test_unreadable_usage(upstream):
    require_plug_in("sqlite")
    with service(upstream) as self:
        self.extra += "[usage]\ndatabase = %s/usage.db\n[limits default]\nrequests-per-day = 2\n" % self.directory
        self.write()
        self.start().ready()
        assert self.fetch()[0] == 200
        assert self.stop() == 0
        with sqlite3.connect(os.path.join(self.directory, "usage.db")) as database:
            database.execute("ALTER TABLE usage_records RENAME COLUMN upstream TO server")
        database.close()
        self.start().ready()
        assert complete(self).status == 200
        assert "limits of days and months begin at zero" in self.read_log(), self.read_log()


def test_samples(upstream):
    with service(upstream) as self:
        shutil.copy(os.path.join(DATA, "oai-proxy.conf"), self.path)
        credentials = os.path.join(self.directory, "credentials")
        os.mkdir(credentials)
        self.write_private("credentials/openai-key", KEY)
        self.write_private("credentials/tokens", "# No tokens\n")
        done = self.run("--check", env={**os.environ, "CREDENTIALS_DIRECTORY": credentials})
        assert done.returncode == 0, done.stderr
        check_units(self.directory)
    for command in (["nginx", "-t", "-c", os.path.join(DATA, "nginx.conf")], ["haproxy", "-c", "-f", os.path.join(DATA, "haproxy.cfg")],
                    ["groff", "-man", "-Tutf8", "-ww", "-z", os.path.join(DATA, "oai-proxy.1")],
                    ["groff", "-man", "-Tutf8", "-ww", "-z", os.path.join(DATA, "oai-proxy.conf.5")]):
        program = shutil.which(command[0], path=os.environ.get("PATH", "") + ":/usr/sbin")
        if program is None:
            print("# %s is not installed, so its file was not checked" % command[0])
            continue
        done = subprocess.run([program, *command[1:]], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert done.returncode == 0 and (command[0] != "groff" or done.stdout == ""), done.stdout


def read_guide(language):
    """The first block in this language of the guide's section about the program."""
    with open(os.path.join(DATA, "../../../../introspection/docs/proxy.md"), encoding="utf-8") as file:
        section = file.read().split("## The program oai-proxy", 1)[1]
    return section.split("```%s\n" % language, 1)[1].split("```", 1)[0]


def test_guide(upstream):
    """What the guide says can be typed as it is, except for the last command, which does not end."""
    with service(upstream) as self:
        os.unlink(os.path.join(self.directory, "tokens"))
        self.write_private("oai-proxy.conf", read_guide("ini"))
        self.write_private("openai.key", KEY)
        commands = "set -e\n" + "\n".join(read_guide("sh").splitlines()[:-1])
        path = os.path.dirname(PROGRAM) + os.pathsep + os.environ["PATH"]
        done = subprocess.run(["sh", "-c", commands], cwd=self.directory, env={**os.environ, "PATH": path}, umask=0o022,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=LIMIT)
        assert done.returncode == 0 and done.stderr.endswith("/tokens” was created.\n"), done
        token, problems = done.stdout.splitlines()
        assert problems == "oai-proxy.conf: no problems" and token.startswith("sk-proxy-"), done.stdout


def test_address_in_use(upstream):
    with service(upstream) as self, socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        self.listen = "address = 127.0.0.1:%d" % other.getsockname()[1]
        self.write()
        done = self.run()
        assert done.returncode == 1 and "Cannot listen at" in done.stderr, done.stderr


def test_options(upstream):
    with service(upstream) as self:
        assert self.run("--version").stdout.startswith("oai-proxy ")
        assert "--check" in self.run("--help").stdout
        assert self.run("--unknown").returncode == 2
        assert self.run("argument").returncode == 2


def main():
    server = QuietServer(("127.0.0.1", 0), Upstream)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    os.environ.update({"LC_ALL": "C.UTF-8", "LANGUAGE": "C"})
    only = sys.argv[4:]
    tests = [(name[5:], test) for name, test in globals().items() if name.startswith("test_") and (not only or name[5:] in only)]
    failures = 0
    print("1..%d" % len(tests), flush=True)
    for number, (name, test) in enumerate(tests, 1):
        try:
            test(server.server_port)
            print("ok %d - %s" % (number, name), flush=True)
        except Skipped as reason:
            print("ok %d - %s # SKIP %s" % (number, name, reason), flush=True)
        except Exception as error:
            failures += 1
            print("not ok %d - %s" % (number, name))
            print("".join("# %s\n" % line for line in traceback.format_exc().splitlines()), end="", flush=True)
    server.shutdown()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
