#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks WebSocket connections through the proxy by RFC 6455, byte by byte.  The cases are those
of the Autobahn test suite (messages in several frames, control frames, reserved bits, UTF-8, close codes, sizes).

usage: test-web-socket-cases.py BACK-END"""

import asyncio
import base64
import hashlib
import os
import struct
import sys

import back_end

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
HANDSHAKE = "\r\n".join(["GET /v1/realtime?model=m HTTP/1.1", "Host: proxy", "Connection: Upgrade", "Upgrade: websocket",
                         "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Authorization: Bearer user", "", ""])
MEGABYTE = 1024 * 1024


def mask_bytes(data, key):
    if not data:
        return data
    keys = (key * (len(data) // 4 + 1))[:len(data)]
    return (int.from_bytes(data, "big") ^ int.from_bytes(keys, "big")).to_bytes(len(data), "big")


def frame(opcode, data=b"", final=True, reserved=0, masked=True):
    first = (0x80 if final else 0) | reserved << 4 | opcode
    flag = 0x80 if masked else 0
    if len(data) < 126:
        head = struct.pack("!BB", first, flag | len(data))
    elif len(data) < 65536:
        head = struct.pack("!BBH", first, flag | 126, len(data))
    else:
        head = struct.pack("!BBQ", first, flag | 127, len(data))
    if not masked:
        return head + data
    key = os.urandom(4)
    return head + key + mask_bytes(data, key)


def fragments(opcode, data, size, between=b""):
    parts = [data[at:at + size] for at in range(0, len(data), size)] or [b""]
    return between.join(frame(opcode if at == 0 else 0, part, at == len(parts) - 1) for at, part in enumerate(parts))


def close(code=None, reason=b"", **rest):
    return frame(CLOSE, b"" if code is None else struct.pack("!H", code) + reason, **rest)


async def read_frame(reader):
    """Returns whether it is final, the opcode and the data."""
    first, second = await reader.readexactly(2)
    length = second & 0x7F
    if length == 126:
        length, = struct.unpack("!H", await reader.readexactly(2))
    elif length == 127:
        length, = struct.unpack("!Q", await reader.readexactly(8))
    key = await reader.readexactly(4) if second & 0x80 else None
    data = await reader.readexactly(length)
    if first & 0x70:
        raise ValueError("a reserved bit is set")
    return first & 0x80, first & 0x0F, mask_bytes(data, key) if key else data


# The server of the API: sends messages back, and what a binary message after "raw:" contains.


async def answer(reader, writer):
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        key = next(line.split(": ", 1)[1] for line in head.split("\r\n") if line.lower().startswith("sec-websocket-key:"))
        accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
        writer.write(f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n".encode())
        message, kind = b"", None
        while True:
            final, opcode, data = await read_frame(reader)
            if opcode == PING:
                writer.write(frame(PONG, data, masked=False))
            elif opcode == CLOSE:
                writer.write(frame(CLOSE, data, masked=False))
                break
            elif opcode in (0, TEXT, BINARY):
                kind = opcode or kind
                message += data
                if final and message.startswith(b"raw:"):
                    writer.write(message[4:])
                elif final:
                    writer.write(frame(kind, message, masked=False))
                message = b"" if final else message
            await writer.drain()
        await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    writer.close()


# The client


async def connect(address):
    reader, writer = await asyncio.open_connection(*address)
    writer.write(HANDSHAKE.encode())
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 101 "):
        raise ValueError(head.decode("latin-1"))
    return reader, writer


async def receive_all(reader, writer):
    """Returns messages and control frames until the end of the connection."""
    result, message, kind = [], b"", None
    try:
        while True:
            final, opcode, data = await read_frame(reader)
            if opcode >= CLOSE:
                result.append((opcode, data))
                if opcode == CLOSE:
                    writer.write(frame(CLOSE, data))
                continue
            if (opcode == 0) != (kind is not None):
                raise ValueError("a fragment is out of order")
            kind, message = opcode or kind, message + data
            if final:
                result.append((kind, message))
                message, kind = b"", None
    except (asyncio.IncompleteReadError, ConnectionError):
        return result


async def run(address, data, step):
    """Sends data in steps, and returns all that is received."""
    reader, writer = await connect(address)

    async def send():
        try:
            for at in range(0, len(data), step or len(data)):
                writer.write(data[at:at + (step or len(data))])
                await writer.drain()
                if step:
                    await asyncio.sleep(0)
        except ConnectionError:
            pass

    sending = asyncio.ensure_future(send())
    try:
        return await asyncio.wait_for(receive_all(reader, writer), 60)
    finally:
        sending.cancel()
        writer.close()


def code_of(data):
    return struct.unpack("!H", data[:2])[0] if len(data) >= 2 else None


# Each case has a name, what is sent, the frames before the close frame, and the code of the close frame.  What is valid
# ends with a close frame of 1000.


def valid(name, data, *expected):
    return name, data + close(1000), list(expected), 1000


def invalid(name, data, code, *expected):
    return name, data, list(expected), code


def size_cases():
    for opcode in (TEXT, BINARY):
        for size in (0, 1, 125, 126, 127, 128, 65535, 65536, 65537):
            yield valid(f"{size} bytes, opcode {opcode}", frame(opcode, b"*" * size), (opcode, b"*" * size))
    for opcode in (TEXT, BINARY):
        large = os.urandom(4 * MEGABYTE).hex().encode() * 2
        yield valid(f"16 MB, opcode {opcode}", frame(opcode, large), (opcode, large))
        for size in (1000, 65536, 4 * MEGABYTE):
            yield valid(f"16 MB in fragments of {size}, opcode {opcode}", fragments(opcode, large, size), (opcode, large))
    yield valid("fragments of 64 bytes", fragments(TEXT, b"*" * MEGABYTE, 64), (TEXT, b"*" * MEGABYTE))
    yield invalid("more than 16 MB", frame(BINARY, b"*" * (16 * MEGABYTE + 1)), 1009)
    yield invalid("more than 16 MB in fragments", fragments(BINARY, b"*" * (16 * MEGABYTE + 1), MEGABYTE), 1009)


def control_cases():
    for size in (0, 1, 125):
        yield valid(f"ping of {size} bytes", frame(PING, bytes(range(size))), (PONG, bytes(range(size))))
    yield invalid("ping of 126 bytes", frame(PING, b"*" * 126), 1002)
    yield valid("unsolicited pong", frame(PONG, b"x") + frame(PING, b"y"), (PONG, b"y"))
    pings = [b"%d" % number for number in range(10)]
    yield valid("ten pings", b"".join(frame(PING, ping) for ping in pings), *[(PONG, ping) for ping in pings])
    for reserved in range(1, 8):
        yield invalid(f"reserved bits {reserved}", frame(TEXT, b"x", reserved=reserved), 1002)
        yield invalid(f"reserved bits {reserved} of a ping", frame(PING, b"x", reserved=reserved), 1002)
    for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15):
        yield invalid(f"opcode {opcode}", frame(opcode, b"x"), 1002)
        yield invalid(f"opcode {opcode} without data", frame(opcode), 1002)
    yield invalid("not masked", frame(TEXT, b"x", masked=False), 1002)


def fragment_cases():
    yield invalid("ping in fragments", frame(PING, b"a", False) + frame(0, b"b"), 1002)
    yield invalid("pong in fragments", frame(PONG, b"a", False) + frame(0, b"b"), 1002)
    yield valid("two fragments", fragments(TEXT, b"ab", 1), (TEXT, b"ab"))
    yield valid("ping between fragments", fragments(TEXT, b"ab", 1, frame(PING, b"p")), (PONG, b"p"), (TEXT, b"ab"))
    yield valid("empty fragments", frame(TEXT, final=False) + frame(0, final=False) + frame(0), (TEXT, b""))
    yield valid("empty first fragment", frame(TEXT, final=False) + frame(0, b"x", False) + frame(0), (TEXT, b"x"))
    yield invalid("continuation of nothing", frame(0, b"x"), 1002)
    yield invalid("first fragment of nothing", frame(0, b"x", False) + frame(TEXT, b"y"), 1002)
    yield invalid("message in a message", frame(TEXT, b"x", False) + frame(TEXT, b"y"), 1002)
    yield invalid("continuation after the end", fragments(TEXT, b"ab", 1) + frame(0, b"c"), 1002)


def text_cases():
    good = ["\u03ba\u1f79\u03c3\u03bc\u03b5", "\x00", "\x7f", "\x80", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\ufffd", "\ufffe", "\uffff",
            "\U00010000", "\U0010ffff", "\U0001fffe", "Hello-\u00b5@\u00df\u00f6\u00e4\u00fc\u00e0\u00e1-UTF-8!!"]
    bad = [b"\xce\xba\xed\xa0\x80edited", b"\xf8\x88\x80\x80\x80", b"\xfc\x84\x80\x80\x80\x80", b"\xf7\xbf\xbf\xbf", b"\xf4\x90\x80\x80",
           b"\x80", b"\xbf", b"\x80\xbf\x80", b"\xc0\xaf", b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf", b"\xc1\xbf", b"\xe0\x9f\xbf", b"\xf0\x8f\xbf\xbf",
           b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xed\xa0\x80\xed\xb0\x80", b"\xc2", b"\xe1\x88", b"\xf0\x90\x8d", b"\xfe", b"\xff", b"x\xc3"]
    for text in good:
        data = text.encode()
        yield valid(f"text {text!a}", frame(TEXT, data), (TEXT, data))
        for size in range(1, len(data)):
            yield valid(f"text {text!a} in fragments of {size}", fragments(TEXT, data, size), (TEXT, data))
    for data in bad:
        yield invalid(f"text {data}", frame(TEXT, data), 1007)
        yield invalid(f"text {data} in fragments", fragments(TEXT, data, 1), 1007)
        yield valid(f"bytes {data}", frame(BINARY, data), (BINARY, data))


def close_cases():
    for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999):
        yield f"close {code}", close(code, b"reason"), [], code
    for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535):
        yield invalid(f"close {code}", close(code), 1002)
    yield "close without a code", close(), [], None
    yield "close with a long reason", close(1000, b"*" * 123), [], 1000
    yield invalid("close of 126 bytes", close(1000, b"*" * 124), 1002)
    yield invalid("half of a code", frame(CLOSE, b"\x03"), 1002)
    yield invalid("a reason that is not UTF-8", close(1000, b"\xce\xba\xed\xa0\x80"), 1007)
    yield "data after the close frame", close(1000) + frame(TEXT, b"x") + frame(PING, b"y"), [], 1000
    yield "two close frames", close(1000) + close(1001), [], 1000
    yield "close in a message", frame(TEXT, b"x", False) + close(1000), [], 1000


def server_cases():
    """What the server of the API sends, in a message that begins with "raw:"."""

    def raw(name, data, *expected, code=1011):
        return f"server: {name}", frame(BINARY, b"raw:" + data), list(expected), code

    yield raw("masked", frame(TEXT, b"x"))
    yield raw("reserved bits", frame(TEXT, b"x", reserved=4, masked=False))
    yield raw("opcode 3", frame(3, masked=False))
    yield raw("text that is not UTF-8", frame(TEXT, b"\xff", masked=False))
    yield raw("continuation of nothing", frame(0, b"x", masked=False))
    yield raw("ping in fragments", frame(PING, b"x", False, masked=False))
    yield raw("a message before", frame(TEXT, b"x", masked=False) + frame(TEXT, b"\xff", masked=False), (TEXT, b"x"))
    yield raw("close", close(4000, b"reason", masked=False), code=4000)
    yield raw("close in a message", frame(TEXT, b"x", False, masked=False) + close(4000, masked=False), code=4000)


def cases():
    for source in (control_cases, fragment_cases, text_cases, close_cases, server_cases):
        for case in source():
            yield case, 0
            yield case, 1
    for case in size_cases():
        yield case, 0
        if len(case[1]) < 100000:
            yield case, 997


def judge(received, expected, code):
    if not received or received[-1][0] != CLOSE:
        return f"no close frame: {str(received)[:200]}"
    if code_of(received[-1][1]) != code:
        return f"the close frame has the code {code_of(received[-1][1])}, not {code}"
    data = received[:-1]
    # Pings are answered by the proxy, before or after the messages that the server sends back.
    for kinds in ((TEXT, BINARY), (PING, PONG), (CLOSE,)):
        if [item for item in data if item[0] in kinds] != [item for item in expected if item[0] in kinds]:
            return f"received {str(data)[:200]}, not {str(expected)[:200]}"
    return None


async def check(program):
    server = await asyncio.start_server(answer, "127.0.0.1", 0, limit=MEGABYTE)
    proxy = back_end.BackEnd(program, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1")
    count = failed = 0
    try:
        for (name, data, expected, code), step in cases():
            count += 1
            try:
                problem = judge(await run(proxy.address, data, step), expected, code)
            except (ValueError, asyncio.TimeoutError) as error:
                problem = repr(error)
            failed += problem is not None
            print(f"{'not ok' if problem else 'ok'} {count} - {name}{f', in steps of {step}' if step else ''}".replace("#", ""), flush=True)
            if problem:
                print(f"# {problem}")
    finally:
        status = proxy.stop()[1]
    print(f"{'not ok' if status else 'ok'} {count + 1} - exit status {status}")
    print(f"1..{count + 1}")
    return 1 if failed or status else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(check(sys.argv[1])))
