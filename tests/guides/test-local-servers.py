#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs a program that lists the servers on this machine, beside a server at a UNIX socket, and checks what it prints.

usage: test-local-servers.py PROGRAM [ARGUMENT...]
"""

import http.server
import os
import socketserver
import subprocess
import sys
import tempfile
import threading

MODELS = b"""{"object": "list", "data": [
    {"id": "first-model", "object": "model", "owned_by": "llamacpp"},
    {"id": "second-model", "object": "model", "owned_by": "llamacpp"}]}"""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        assert self.path == "/v1/models", self.path
        assert "Authorization" not in self.headers, self.headers
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(MODELS)))
        self.end_headers()
        self.wfile.write(MODELS)

    def address_string(self):
        return "the client"

    def log_message(self, *arguments):
        pass


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


def main():
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "llama.cpp.sock")
        with Server(path, Handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            environment = dict(os.environ, XDG_RUNTIME_DIR=directory, OPENAI_API_KEY="sk-test")
            output = subprocess.run(sys.argv[1:], env=environment, stdout=subprocess.PIPE, text=True, timeout=60, check=True).stdout
            server.shutdown()
    expected = "llama.cpp (unix:%s:/v1): first-model, second-model" % path
    assert expected in output.splitlines(), output
    print(output, end="")


main()
