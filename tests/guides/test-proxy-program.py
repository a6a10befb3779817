#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs a program of the guide of the proxy, sends it a request, and checks its usage records and metrics.

usage: test-proxy-program.py PROGRAM [ARGUMENT...], with the mock service as the server of the API
"""

import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

BODY = b'{"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello!"}]}'
REQUEST = (b"POST /v1/chat/completions HTTP/1.1\r\nHost: proxy\r\nConnection: close\r\nContent-Type: application/json\r\n"
           b"Content-Length: %d\r\n\r\n%s" % (len(BODY), BODY))


def connect(path, process):
    deadline = time.monotonic() + 60
    while True:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(path)
            return connection
        except OSError:
            connection.close()
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def send(path, process):
    with connect(path, process) as connection:
        connection.settimeout(60)
        connection.sendall(REQUEST)
        with connection.makefile("rb") as file:
            return file.read()


def main():
    command = [os.path.abspath(argument) if os.path.exists(argument) else argument for argument in sys.argv[1:]]
    with tempfile.TemporaryDirectory() as directory:
        with subprocess.Popen(command, cwd=directory, stdout=subprocess.PIPE, text=True) as process:
            try:
                reply = send(os.path.join(directory, "proxy.socket"), process)
                process.terminate()
                metrics = process.communicate(timeout=60)[0]
            finally:
                process.kill()
        assert process.returncode == 0, process.returncode
        assert reply.startswith(b"HTTP/1.1 200 "), reply
        assert 'oai_proxy_requests_total{operation="chat.create",status="200"} 1\n' in metrics, metrics
        database = sqlite3.connect(os.path.join(directory, "usage.db"))
        records = database.execute("SELECT identity, operation, status FROM usage_records").fetchall()
        database.close()
        assert records == [("anonymous", "chat.create", 200)], records
    print("The records and the metrics contain the request.")


if __name__ == "__main__":
    main()
