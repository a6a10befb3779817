#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks each operation with steady, a third-party server that follows the API's OpenAPI
document: requests must be valid, and replies with any content must be readable.

usage: run.py DRIVER WORK-DIRECTORY API...

OAI_OPENAPI_JSON names the document, and npm installs the server.  Without either, the
test is skipped."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "build-aux"))
sys.path.insert(0, str(pathlib.Path(__file__).parent))

import samples  # noqa: E402
from oaiapi import parser as api_parser  # noqa: E402
from oaiapi.diagnostics import Diagnostics  # noqa: E402

SEEDS = 20
# Seconds after which the server ends.
LIFETIME = 900
# A rule that the document does not contain: this format is required for times of words.
OVERRIDES = {"audio.transcribe": {"response_format": "verbose_json"}}
# Operations whose body is not the first alternative in the document.
SHAPES = {"audio.create_voice_from_prompt": 1}
OPTIONS = [f"--validator-{kind}-format=brackets" for kind in ("query-array", "form-array", "query-object", "form-object")]


def skip(reason):
    print(f"1..0 # SKIP {reason}: NOTHING WAS CHECKED")
    sys.exit(0)


def install(work):
    npm = shutil.which("npm")
    program = work / "node_modules" / ".bin" / "steady"
    if npm is None:
        skip("npm is not at hand")
    if not program.exists():
        work.mkdir(parents=True, exist_ok=True)
        done = subprocess.run([npm, "install", "--no-audit", "--no-fund", "--prefix", str(work), "@stdy/cli"],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=120)
        if done.returncode != 0:
            skip("npm could not install @stdy/cli")
    return program


def start(program, document):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # The program starts another one; "timeout" ends both.
    server = subprocess.Popen(["timeout", str(LIFETIME), program, "--host", "127.0.0.1", "-p", str(port), "-q", "--no-color",
                               *OPTIONS, document], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return server, f"http://127.0.0.1:{port}"
        except OSError:
            time.sleep(0.1)
    server.terminate()
    raise SystemExit("steady did not start")


def operations(paths):
    """The operations of the descriptions, each with the name of its module."""
    for path in paths:
        diagnostics = Diagnostics()
        module = api_parser.parse(path, pathlib.Path(path).read_text(encoding="utf-8"), diagnostics)
        for endpoint in module.endpoints:
            for operation in endpoint.operations:
                yield pathlib.Path(path).stem, operation


def check(driver, task):
    problems = set()
    for seed in range(SEEDS):
        driver.stdin.write(json.dumps({**task, "seed": seed}) + "\n")
        driver.stdin.flush()
        line = driver.stdout.readline()
        if not line:
            return {"the driver died"}
        answer = json.loads(line)
        if answer["status"] >= 400 or answer["status"] == 0:
            problems.add(f"status {answer['status']}")
        if answer["errors"] != 0:
            problems.add(f"{answer['errors']} errors of the request")
        problems.update(answer["problems"])
    return problems


def main():
    program, work, apis = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3:]
    document_path = os.environ.get("OAI_OPENAPI_JSON")
    if not document_path:
        skip("OAI_OPENAPI_JSON does not name the OpenAPI document")
    document = json.loads(pathlib.Path(document_path).read_text(encoding="utf-8"))
    server, url = start(install(work), document_path)
    maker = samples.Samples(document)
    failed = count = 0
    try:
        with subprocess.Popen([program, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as driver:
            for module, operation in operations(apis):
                name, method, path = operation.name.text, operation.method.lower(), "/" + operation.path.text
                if method not in document["paths"].get(path, {}):
                    continue
                count += 1
                arguments = maker.arguments(method, path, operation.multipart, SHAPES.get(f"{module}.{name}", 0))
                arguments.update(OVERRIDES.get(f"{module}.{name}", {}))
                problems = check(driver, {"module": module, "operation": name, "arguments": arguments})
                failed += bool(problems)
                print(f"{'not ok' if problems else 'ok'} {count} - {module}.{name}", flush=True)
                for problem in sorted(problems)[:8]:
                    print(f"# {problem}")
            driver.stdin.close()
    finally:
        server.terminate()
        server.wait()
    print(f"1..{count}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
