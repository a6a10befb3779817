#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Uses MCP servers of other projects: @modelcontextprotocol/server-everything of npm, and a server with mcp of PyPI.

The packages are installed below WORK-DIRECTORY with npm and pip; if that is not possible, their tests are skipped.

usage: test-mcp-servers.py DRIVER WORK-DIRECTORY

Prints TAP.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time

EVERYTHING = "@modelcontextprotocol/server-everything@2026.8.31"
PYTHON_PACKAGE = "mcp==2.3.0"
HERE = os.path.dirname(os.path.abspath(__file__))


class Skipped(Exception):
    pass


def install(*command, cwd=None):
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Skipped(str(error).splitlines()[0])
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise Skipped("%s failed: %s" % (command[0], lines[-1] if lines else done.returncode))


def install_everything(work):
    """Returns the path of the server."""
    folder = os.path.join(work, "npm")
    path = os.path.join(folder, "node_modules", "@modelcontextprotocol", "server-everything", "dist", "index.js")
    if shutil.which("npm") is None or shutil.which("node") is None:
        raise Skipped("npm is not installed")
    if not os.path.exists(path):
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "package.json"), "w") as file:
            json.dump({"private": True}, file)
        install("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", EVERYTHING, cwd=folder)
    return path


def install_python(work):
    """Returns the path of an interpreter that has the package."""
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
        install(path, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", PYTHON_PACKAGE)
        open(ready, "w").close()
    return path


class Server:
    """A server on the network, while the block runs."""

    def __init__(self, *command, by_environment=False):
        self.command, self.by_environment = command, by_environment

    def __enter__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        environment = {**os.environ, "PORT": str(self.port)}
        command = self.command if self.by_environment else self.command + (str(self.port),)
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return "http://127.0.0.1:%d/mcp" % self.port
            time.sleep(0.1)
        raise AssertionError("the server does not listen")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


class Driver:
    def __init__(self, program, *arguments):
        self.process = subprocess.Popen([program, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, "LANGUAGE": "C"})

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.process.stdin.close()
        status = self.process.wait(60)
        self.process.stdout.close()
        if kind is None:
            assert status == 0, "the driver ended with status %d" % status

    def ask(self, *words):
        self.process.stdin.write("\t".join(word if isinstance(word, str) else json.dumps(word) for word in words) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def get(self, *words):
        answer = self.ask(*words)
        assert "result" in answer, "%s: %s" % (words, answer)
        return answer["result"]

    def run(self, tool, arguments):
        return json.loads(self.ask("run", tool, arguments)["output"])

    def wait_event(self, event):
        """Waits for one signal."""
        seen = []
        for _ in range(100):
            new = self.ask("events", "1")["events"]
            seen += new
            if event in seen:
                return
            if not new:
                break
        raise AssertionError("%s is not in %s" % (event, seen))


def check_everything(driver):
    version, name = driver.get("connect")
    assert (version, name) == ("2025-11-25", "mcp-servers/everything"), (version, name)
    assert {"echo", "get-sum", "trigger-long-running-operation"} <= set(driver.get("tools"))
    assert driver.get("call", "echo", {"message": "hello"})["content"] == [{"type": "text", "text": "Echo: hello"}]
    assert "is 3" in driver.run("get-sum", {"a": 1, "b": 2})["result"]
    assert "temperature" in driver.run("get-structured-content", {"location": "New York"})["result"]
    image = driver.run("get-tiny-image", {})["result"][1]
    assert image["mime_type"] == "image/png" and image["size"] > 1000, image
    assert driver.run("get-resource-links", {"count": 2})["result"][1]["type"] == "resource_link"
    assert "error" in driver.run("get-sum", {"a": "x"})

    assert len(driver.get("resources")) >= 5
    assert "demo://resource/dynamic/text/{resourceId}" in driver.get("templates")
    assert "Resource 1" in driver.get("read", "demo://resource/dynamic/text/1")["text"]
    assert driver.get("read", "demo://resource/dynamic/blob/1")["blob"]
    assert "error" in driver.ask("read", "demo://none")
    assert "args-prompt" in driver.get("prompts")
    assert "Paris" in driver.get("prompt", "args-prompt", {"city": "Paris"})["messages"][0]["content"]["text"]
    assert driver.get("complete", "completable-prompt", "department", "E")["values"] == ["Engineering"]
    assert driver.get("complete-uri", "demo://resource/dynamic/text/{resourceId}", "resourceId", "1")["values"]
    assert driver.get("ping") is True

    driver.ask("events", "0")
    progress = driver.ask("progress", "trigger-long-running-operation", {"duration": 1, "steps": 4})["events"]
    assert [event["progress"] for event in progress if "progress" in event] == ["0.25", "0.50", "0.75", "1.00"], progress
    assert "cancelled" in driver.ask("cancel", "trigger-long-running-operation", {"duration": 20, "steps": 2})["error"]

    assert "Ada" in driver.run("trigger-elicitation-request", {})["result"]
    driver.ask("events", "0")
    for error_path in (False, True):
        result = driver.run("trigger-url-elicitation", {"url": "https://example.org/in", "errorPath": error_path, "elicitationId": "one"})
        assert "result" in result, result
    driver.wait_event({"url": "https://example.org/in"})
    assert "the reply of the model" in driver.run("trigger-sampling-request", {"prompt": "Hello", "maxTokens": 10})["result"]
    assert "file:///some/where" in driver.run("get-roots-list", {})["result"]
    driver.get("log", "debug")
    driver.get("subscribe", "demo://resource/dynamic/text/1")
    driver.run("toggle-subscriber-updates", {})
    driver.wait_event({"updated": "demo://resource/dynamic/text/1"})
    driver.run("toggle-subscriber-updates", {})
    driver.get("unsubscribe", "demo://resource/dynamic/text/1")
    driver.get("close")


def check_python(driver, expected):
    version, name = driver.get("connect")
    assert (version, name) == (expected, "py-test"), (version, name)
    assert set(driver.get("tools")) == {"add", "broken", "greet_user", "say", "show_roots", "work", "change"}
    assert driver.get("call", "add", {"a": 1, "b": 2})["structuredContent"] == {"result": 3}
    assert driver.run("add", {"a": 2, "b": 3}) == {"result": {"result": 5}}
    assert "secret" not in driver.run("broken", {})["error"]
    assert driver.run("greet_user", {}) == {"result": {"result": "Hello, Ada"}}
    assert driver.run("say", {}) == {"result": {"result": "test-model: the reply of the model"}}
    assert driver.run("show_roots", {}) == {"result": {"result": "file:///some/where"}}
    driver.ask("events", "0")
    progress = driver.ask("progress", "work", {})["events"]
    assert [event["progress"] for event in progress if "progress" in event] == ["0.25", "0.50", "0.75", "1.00"], progress

    assert driver.get("resources") == ["test://page"]
    assert driver.get("templates") == ["test://greeting/{name}"]
    assert driver.get("read", "test://greeting/you")["text"] == "Hello, you"
    assert driver.get("prompt", "greet", {"who": "me"})["messages"][0]["content"]["text"] == "Greet me"
    assert "error" in driver.ask("call", "none", {}) or driver.get("call", "none", {})["isError"]
    assert driver.get("ping") is True
    if expected == "2026-07-28":
        driver.get("subscribe", "test://page")
        driver.run("change", {})
        driver.wait_event({"updated": "test://page"})
        assert "added" in driver.get("tools")
    driver.get("close")


def main():
    program, work = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])

    def everything_stdio():
        with Driver(program, "node", install_everything(work), "stdio") as driver:
            check_everything(driver)

    def everything_http():
        with Server("node", install_everything(work), "streamableHttp", by_environment=True) as url, Driver(program, "--url", url) as driver:
            check_everything(driver)

    def python_stdio(version):
        with Driver(program, "--version", version, install_python(work), os.path.join(HERE, "server.py")) as driver:
            check_python(driver, version)

    def python_http(version):
        with Server(install_python(work), os.path.join(HERE, "server.py")) as url, Driver(program, "--version", version, "--url", url) as driver:
            check_python(driver, version)

    tests = [("server-everything over stdio", everything_stdio), ("server-everything over HTTP", everything_http)]
    for version in ("2026-07-28", "2025-11-25"):
        tests.append(("mcp of PyPI over stdio, " + version, lambda version=version: python_stdio(version)))
        tests.append(("mcp of PyPI over HTTP, " + version, lambda version=version: python_http(version)))

    print("1..%d" % len(tests))
    for number, (name, test) in enumerate(tests, 1):
        try:
            test()
            print("ok %d - %s" % (number, name), flush=True)
        except Skipped as reason:
            print("ok %d - %s # SKIP %s" % (number, name, reason), flush=True)
        except Exception as error:
            print("not ok %d - %s\n# %s: %s" % (number, name, type(error).__name__, error), flush=True)


main()
