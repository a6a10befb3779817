#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A server that repeats the key in every part of its replies: neither the client nor the log of
the proxy sees it.

usage: test-secrets.py BACK-END"""

import asyncio
import base64
import hashlib
import os
import sys
import tempfile

import back_end

KEY = b"sk-of-the-back-end"
HANDSHAKE = (b"GET /v1/realtime/%s HTTP/1.1\r\nHost: proxy\r\nAuthorization: Bearer user\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
             b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: realtime\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")


def chunked(data, size):
    return b"".join(b"%x;%s\r\n%s\r\n" % (len(data[at:at + size]), KEY, data[at:at + size]) for at in range(0, len(data), size))


def websocket(opcode, data, final=True):
    return bytes([(0x80 if final else 0) | opcode, len(data)]) + data


TYPE = b"Content-Type: application/json\r\n"
EVENT = b'data: {"text":"%s"}\n\n' % KEY
REPLIES = {
    b"body": b"HTTP/1.1 401 Unauthorized\r\n" + TYPE + b"Content-Length: %d\r\n\r\n%s" % (len(KEY), KEY),
    b"chunks": b"HTTP/1.1 200 OK\r\n" + TYPE + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(b"[" + KEY * 3 + b"]", 1) + b"0\r\nX-Trailer: " + KEY + b"\r\n\r\n",
    b"stream": b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(EVENT, 7) + b"0\r\n\r\n",
    b"reason": b"HTTP/1.1 200 " + KEY + b"\r\n" + TYPE + b"Content-Length: 2\r\n\r\n{}",
    b"header": b"HTTP/1.1 200 OK\r\n" + TYPE + b"X-Key: Bearer " + KEY + b"\r\nContent-Length: 2\r\n\r\n{}",
    b"header-name": b"HTTP/1.1 200 OK\r\n" + TYPE + KEY + b": x\r\nContent-Length: 2\r\n\r\n{}",
    b"content-type": b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; x=" + KEY + b"\r\nContent-Length: 2\r\n\r\n{}",
    b"redirect": b"HTTP/1.1 302 Found\r\nLocation: https://example.org/?key=" + KEY + b"\r\nContent-Length: 0\r\n\r\n",
    b"early-hints": b"HTTP/1.1 103 Early Hints\r\nLink: <" + KEY + b">\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    b"truncated": b"HTTP/1.1 200 OK\r\n" + TYPE + b"Content-Length: 1000\r\n\r\n" + KEY,
    b"not-http": KEY + b"\r\n\r\n",
    b"bad-length": b"HTTP/1.1 200 OK\r\nContent-Length: " + KEY + b"\r\n\r\n",
    b"bad-encoding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: " + KEY + b"\r\n\r\n" + KEY,
    b"retry-after": b"HTTP/1.1 429 Too Many\r\nRetry-After: " + KEY + b"\r\nx-ratelimit-limit-requests: " + KEY + b"\r\nContent-Length: 0\r\n\r\n",
    b"nothing": b"",
}
MESSAGES = {
    b"text": websocket(1, b'{"error":"%s"}' % KEY),
    b"fragments": websocket(1, b"x" + KEY[:5], False) + websocket(0, KEY[5:]),
    b"binary": websocket(2, b"\0" + KEY),
    b"ping": websocket(9, KEY),
    b"close": websocket(8, b"\x0f\xa0" + KEY),
    b"invalid": websocket(3, KEY),
}


async def answer(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            if b"Bearer " + KEY not in head:
                raise ValueError("the key is not sent")
            name = head.split()[1].rsplit(b"/", 1)[1]
            if name in REPLIES:
                writer.write(REPLIES[name])
                if name not in (b"body", b"header"):
                    break
            elif name in MESSAGES:
                key = next(line.split(b": ", 1)[1] for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key:"))
                accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
                writer.write(b"HTTP/1.1 101 " + KEY + b"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Key: " + KEY + b"\r\nSec-WebSocket-Protocol: realtime\r\n"
                             b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n" + MESSAGES[name] + websocket(8, b"\x03\xe8"))
                await reader.read(100)
                break
            await writer.drain()
        await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    writer.close()


async def receive(address, data):
    reader, writer = await asyncio.open_connection(*address)
    try:
        writer.write(data)
        return await asyncio.wait_for(reader.read(-1), 30)
    finally:
        writer.close()


def process_files(pid):
    """What the kernel shows of the process."""
    for name in ("cmdline", "environ", "status", "stat", "maps"):
        with open(f"/proc/{pid}/{name}", "rb") as file:
            yield name, file.read()


async def check(program):
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    cases = []
    with tempfile.TemporaryFile() as log:
        os.environ["G_MESSAGES_DEBUG"] = "all"
        os.environ["OAI_DEBUG"] = "all"
        proxy = back_end.BackEnd(program, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", stderr=log)
        try:
            for name in REPLIES:
                request = back_end.request("files/" + name.decode(), method="GET").replace(b"Host: proxy", b"Host: proxy\r\nConnection: close")
                cases.append((name.decode(), await receive(proxy.address, request)))
            # The proxy waits some seconds for the close frame of a client.
            received = await asyncio.gather(*[receive(proxy.address, HANDSHAKE % name) for name in MESSAGES])
            cases += [("message: " + name.decode(), data) for name, data in zip(MESSAGES, received)]
            cases += [("/proc: " + name, b"HTTP/1.1 " + data) for name, data in process_files(proxy.process.pid)]
        finally:
            lines, status = proxy.stop()
        log.seek(0)
        cases.append(("log", b"HTTP/1.1 " + log.read() + "\n".join(lines).encode()))
    print(f"1..{len(cases) + 1}")
    failed = status != 0
    for number, (name, data) in enumerate(cases, 1):
        good = KEY not in data and KEY.lower() not in data.lower() and data.startswith(b"HTTP/1.1")
        failed |= not good
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
        if not good:
            print(f"# {data[:500]}")
    print(f"{'not ok' if status else 'ok'} {len(cases) + 1} - exit status {status}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(check(sys.argv[1])))
