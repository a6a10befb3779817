# SPDX-License-Identifier: LGPL-2.1-or-later
"""The program back-end, and raw HTTP with it, for the tests in Python."""

import asyncio
import resource
import subprocess
import threading


def raise_file_limit():
    """Each stream has two sockets in the proxy."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 8192 if hard == resource.RLIM_INFINITY else min(8192, hard)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class BackEnd:
    def __init__(self, program, base_url, stderr=None):
        self.process = subprocess.Popen([program, base_url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, text=True)
        host, port = self.process.stdout.readline().strip().rsplit(":", 1)
        self.address = (host, int(port))
        # A full pipe would block the program.
        self.lines = []
        self.reader = threading.Thread(target=lambda: self.lines.extend(line.rstrip("\n") for line in self.process.stdout), daemon=True)
        self.reader.start()

    def memory(self):
        """The resident memory, in KiB."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))

    def stop(self):
        """Returns the lines about requests, and the exit status."""
        self.process.stdin.close()
        status = self.process.wait(60)
        self.reader.join(60)
        self.process.stdout.close()
        return self.lines, status


def request(path, body=b"", method="POST"):
    lines = [f"{method} /v1/{path} HTTP/1.1", "Host: proxy", "Authorization: Bearer user"]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines + ["", ""]).encode() + body


async def read_head(reader):
    """Returns the status and the headers of a reply."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in head[1:] if line)}
    return int(head[0].split()[1]), headers


async def read_chunks(reader):
    """Yields the chunks of a body; fails with asyncio.IncompleteReadError if it is truncated."""
    while True:
        size = int(await reader.readuntil(b"\r\n"), 16)
        data = await reader.readexactly(size + 2)
        if not data.endswith(b"\r\n"):
            raise ValueError("a chunk does not end")
        if size == 0:
            return
        yield data[:-2]


async def fetch(address, data):
    """Sends a request over its own connection.  Returns the status, the headers and the body."""
    reader, writer = await asyncio.open_connection(*address)
    try:
        writer.write(data)
        status, headers = await read_head(reader)
        if "content-length" in headers:
            return status, headers, await reader.readexactly(int(headers["content-length"]))
        return status, headers, b"".join([chunk async for chunk in read_chunks(reader)])
    finally:
        writer.close()
