#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Uses a proxy before the mock service with curl, and with the packages openai of npm and PyPI, ws and websockets.

The packages are installed below WORK-DIRECTORY with npm and pip; if that is not possible, their tests are skipped.

usage: test-proxy-clients.py BACK-END MOCK-SERVER WORK-DIRECTORY

Prints TAP.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
import time

NPM_PACKAGES = ["openai@7.59.0", "ws@8.23.0"]
PYTHON_PACKAGES = ["openai==3.57.0", "websockets==17.4"]
HERE = os.path.dirname(os.path.abspath(__file__))
TOKEN = "sess-user"
CHECKS = ["chat", "stream", "tools", "responses", "files", "embeddings", "models", "errors", "cancel", "web-socket"]


class Skipped(Exception):
    pass


def install(*command, cwd=None):
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Skipped(str(error).splitlines()[0])
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise Skipped("%s failed: %s" % (command[0], lines[-1] if lines else done.returncode))


def install_npm(work):
    """Returns the path of the script, which must be beside its packages."""
    folder = os.path.join(work, "npm")
    ready = os.path.join(folder, "ready")
    if shutil.which("npm") is None or shutil.which("node") is None:
        raise Skipped("npm is not installed")
    if not os.path.exists(ready):
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "package.json"), "w") as file:
            json.dump({"private": True}, file)
        install("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *NPM_PACKAGES, cwd=folder)
        open(ready, "w").close()
    return shutil.copy(os.path.join(HERE, "client.mjs"), folder)


def install_python(work):
    """Returns the path of an interpreter that has the packages."""
    path = os.path.join(work, "venv", "bin", "python")
    ready = os.path.join(work, "venv", "ready")
    if not os.path.exists(ready):
        for python in ("/usr/bin/python3", shutil.which("python3")):
            try:
                install(python, "-m", "venv", "--clear", os.path.join(work, "venv"))
                break
            except Skipped:
                if python != "/usr/bin/python3":
                    raise
        install(path, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PYTHON_PACKAGES)
        open(ready, "w").close()
    return path


class Program:
    """A server that prints its URL, and ends with its input."""

    def __init__(self, *command, **environment):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment})
        self.url = self.process.stdout.readline().strip()
        self.lines = []
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        for line in self.process.stdout:
            self.lines.append(line.strip())

    def close(self):
        self.process.stdin.close()
        status = self.process.wait(30)
        self.thread.join()
        self.process.stdout.close()
        assert status == 0, "exit status %d" % status

    def wait_for(self, beginning):
        """Waits for a line, and removes it."""
        for _ in range(300):
            for line in self.lines:
                if line.startswith(beginning):
                    self.lines.remove(line)
                    return
            time.sleep(0.1)
        raise AssertionError("no line “%s” in %s" % (beginning, self.lines))


def curl(url, path, *options, token=TOKEN):
    command = ["curl", "--silent", "--show-error", "--max-time", "30", "--noproxy", "*", "--write-out", "\n%{http_code}",
               "--header", "Authorization: Bearer " + token, *options, url + path]
    body, _, status = subprocess.run(command, capture_output=True, text=True, check=True).stdout.rpartition("\n")
    return int(status), body


def post(url, path, value):
    return curl(url, path, "--json", json.dumps(value))


def check_curl(url, path):
    if shutil.which("curl") is None:
        raise Skipped("curl is not installed")
    chat = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello!"}]}
    status, body = post(url, "/chat/completions", chat)
    assert status == 200 and json.loads(body)["choices"][0]["message"]["content"] == "You said: Hello!", body
    status, body = post(url, "/chat/completions", {**chat, "stream": True})
    assert status == 200 and body.rstrip().endswith("data: [DONE]") and "usage" not in body, body
    status, body = curl(url, "/models")
    assert status == 200 and json.loads(body)["object"] == "list"
    status, body = curl(url, "/models", token="sess-stranger")
    assert status == 401 and json.loads(body)["error"]["message"], body
    status, body = curl(url, "/models", "--request-target", "/v1/../v1/models")
    assert status == 400, body
    status, body = curl(url, "/files", "--form", "purpose=assistants", "--form", "file=@" + path, "--header", "Expect: 100-continue")
    assert status == 200, body
    file = json.loads(body)
    assert file["bytes"] == os.path.getsize(path), file
    status, body = curl(url, "/files/" + file["id"], "--request", "DELETE")
    assert status == 200 and json.loads(body)["deleted"], body


def run_client(back_end, results, *command):
    """Runs a client, and waits for the report of the stream that it has cancelled."""
    done = subprocess.run([*command], capture_output=True, text=True, timeout=200)
    for line in done.stdout.splitlines():
        result, _, reason = line.partition("\t")
        results[result.removeprefix("not ").removeprefix("ok ")] = reason if result.startswith("not") else None
    if done.returncode != 0 or not results:
        raise AssertionError("exit status %d: %s" % (done.returncode, done.stderr[-1000:]))


def check_result(back_end, results, name):
    if name not in results:
        raise AssertionError("the client did not run this check")
    if results[name] is not None:
        raise AssertionError(results[name])
    if name == "cancel":
        back_end.wait_for("POST /v1/chat/completions 200 client-closed")


class Client:
    """A client, which runs all its checks when the first result is needed."""

    def __init__(self, name, back_end, prepare):
        self.name, self.back_end, self.prepare = name, back_end, prepare
        self.results = {}
        self.failure = None

    def check(self, name):
        if self.prepare is not None:
            prepare, self.prepare = self.prepare, None
            try:
                run_client(self.back_end, self.results, *prepare())
            except Exception as error:
                self.failure = error
        if self.failure is not None:
            raise self.failure
        check_result(self.back_end, self.results, name)


def list_tests(back_end, work, path):
    arguments = (back_end.url, TOKEN, path)
    python = Client("openai of PyPI", back_end, lambda: (install_python(work), os.path.join(HERE, "client.py"), *arguments))
    node = Client("openai of npm", back_end, lambda: ("node", install_npm(work), *arguments))

    yield "curl", lambda: check_curl(back_end.url, path)
    for client in (python, node):
        for name in CHECKS:
            yield "%s: %s" % (client.name, name), lambda client=client, name=name: client.check(name)


def main():
    program, mock_program, work = (os.path.abspath(path) for path in sys.argv[1:])
    os.makedirs(work, exist_ok=True)
    path = os.path.join(work, "upload.bin")
    with open(path, "wb") as file:
        file.write(bytes(range(256)) * 4096)
    mock = Program(mock_program, "--until-eof", "--delta-delay", "2")
    back_end = Program(program, OPENAI_BASE_URL=mock.url, OPENAI_API_KEY="sk-test")
    tests = list(list_tests(back_end, work, path))
    failures = 0
    print("1..%d" % len(tests))
    for number, (name, test) in enumerate(tests, 1):
        try:
            test()
            print("ok %d - %s" % (number, name), flush=True)
        except Skipped as reason:
            print("ok %d - %s # SKIP %s" % (number, name, reason), flush=True)
        except Exception as error:
            failures += 1
            print("not ok %d - %s\n# %s: %s" % (number, name, type(error).__name__, str(error).replace("\n", "\n# ")), flush=True)
    back_end.close()
    mock.close()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
