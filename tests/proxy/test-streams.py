#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks each byte of many streams at the same time, and what happens when the server of the
API ends in the middle of them.

usage: test-streams.py BACK-END [--streams=N] [--seconds=N]
       test-streams.py --upstream PORT"""

import argparse
import asyncio
import json
import random
import signal
import subprocess
import sys
import time

import back_end

INTERVAL = 0.1
USAGE = b'data: {"id":"%d","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}\n\n'


def events(number, chat, with_usage):
    """The events of a stream, without an end.  They are the same at the server and at the client."""
    numbers = random.Random(number)
    sequence = 0
    while True:
        text = "\u00e4b\\n" * int(numbers.paretovariate(0.8) * 3 % 3000)
        usage = ',"usage":null' if chat and with_usage else ""
        yield f'data: {{"id":"{number}","sequence":{sequence},"choices":[{{"delta":{{"content":"{text}"}}}}]{usage}}}\n\n'.encode()
        sequence += 1


# The server


async def send_stream(writer, number, chat, seconds):
    """The parts of the events that are sent at once begin and end anywhere."""
    numbers = random.Random()
    source = events(number, chat, chat)
    pending = b""
    end = time.monotonic() + seconds
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
    while time.monotonic() < end:
        await asyncio.sleep(INTERVAL * 2 * numbers.random())
        pending += next(source)
        size = numbers.randint(1, len(pending))
        writer.write(b"%x\r\n%s\r\n" % (size, pending[:size]))
        pending = pending[size:]
        await writer.drain()
    pending += (USAGE % number if chat else b"") + b"data: [DONE]\n\n"
    writer.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(pending), pending))


async def answer(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
            body = await reader.readexactly(int(fields.get(b"content-length", 0)))
            if b"/v1/files/large" in head:
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 1000)
                await asyncio.sleep(60)
            elif not body:
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
            else:
                value = json.loads(body)
                chat = b"chat/completions" in head
                if chat and not value["stream_options"]["include_usage"]:
                    raise ValueError("the usage is not requested")
                await send_stream(writer, int(value["user"]), chat, float(value["metadata"]["seconds"]))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def serve(port):
    server = await asyncio.start_server(answer, "127.0.0.1", port, backlog=1024, reuse_address=True)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.sleep(900)


class Upstream:
    def __init__(self, port=0):
        self.process = subprocess.Popen([sys.executable, __file__, "--upstream", str(port)], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()


# The client


def stream_request(number, chat, seconds):
    body = {"model": "m", "stream": True, "user": str(number), "metadata": {"seconds": str(seconds)}}
    return back_end.request("chat/completions" if chat else "responses", json.dumps(body).encode())


class Expected:
    """What a stream must be."""

    def __init__(self, number, chat):
        self.source = events(number, chat, False)
        self.event = next(self.source)
        self.count = 0
        self.last = b""

    def take(self, data):
        """Compares data, except for the end of the stream, with what is expected.  Returns the rest."""
        data = self.last + data
        while len(data) >= len(self.event) and data.startswith(self.event):
            data = data[len(self.event):]
            self.event = next(self.source)
            self.count += 1
        if not self.event.startswith(data) and not b"data: [DONE]\n\n".startswith(data):
            raise ValueError(f"event {self.count} is {data[:200]!r}, not {self.event[:200]!r}")
        self.last = data


async def run_stream(address, number, seconds):
    """Returns the number of events, and whether the end arrived."""
    chat = number % 2 == 0
    expected = Expected(number, chat)
    reader, writer = await asyncio.open_connection(*address)
    try:
        writer.write(stream_request(number, chat, seconds))
        status, headers = await back_end.read_head(reader)
        if status != 200 or headers.get("content-type") != "text/event-stream":
            raise ValueError(f"status {status}")
        async for chunk in back_end.read_chunks(reader):
            expected.take(chunk)
        return expected.count, expected.last == b"data: [DONE]\n\n"
    except (asyncio.IncompleteReadError, ConnectionError):
        return expected.count, False
    finally:
        writer.close()


def problems_of(results):
    return {str(result) for result in results if isinstance(result, BaseException)}


async def check_bytes(proxy, options):
    tasks = [run_stream(proxy.address, number, options.seconds) for number in range(options.streams)]
    results = await asyncio.gather(*tasks, return_exceptions=True)
    problems = problems_of(results)
    if not problems:
        print(f"# {sum(count for count, _ in results)} events, {proxy.memory()} KiB at the end")
    problems.update("a stream has no end" for result in results if isinstance(result, tuple) and not result[1])
    problems.update("a stream is too short" for result in results if isinstance(result, tuple) and result[0] < options.seconds)
    return problems


async def check_killed(proxy, upstream):
    """Clients see that their replies are truncated, and the next requests are served by the new process."""
    tasks = [asyncio.ensure_future(run_stream(proxy.address, number, 60)) for number in range(50)]
    large = asyncio.ensure_future(back_end.fetch(proxy.address, back_end.request("files/large", method="GET")))
    await asyncio.sleep(1)
    upstream.kill()
    results = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 30)
    problems = problems_of(results)
    problems.update("a truncated stream has an end" for result in results if isinstance(result, tuple) and result[1])
    problems.update("a stream had not begun" for result in results if isinstance(result, tuple) and result[0] == 0)
    try:
        await asyncio.wait_for(large, 30)
        problems.add("a truncated file is complete")
    except asyncio.IncompleteReadError as error:
        if len(error.partial) != 1000:
            problems.add(f"{len(error.partial)} bytes of the file arrived")

    status, _, body = await back_end.fetch(proxy.address, back_end.request("files", method="GET"))
    if status not in (502, 503) or b'"error"' not in body:
        problems.add(f"without a server: status {status}")
    restarted = Upstream(upstream.port)
    try:
        # The server may be avoided for a time.
        for _ in range(100):
            status, _, body = await back_end.fetch(proxy.address, back_end.request("files", method="GET"))
            if status == 200:
                break
            await asyncio.sleep(0.1)
        if body != b"{}":
            problems.add(f"after the restart: status {status}")
        count, ended = await run_stream(proxy.address, 1, 1)
        if count == 0 or not ended:
            problems.add("after the restart, a stream is not complete")
    finally:
        restarted.kill()
    return problems


def report(number, name, problems):
    print(f"{'not ok' if problems else 'ok'} {number} - {name}", flush=True)
    for problem in sorted(problems)[:8]:
        print(f"# {problem}")
    return bool(problems)


async def check(options):
    upstream = Upstream()
    proxy = back_end.BackEnd(options.program, f"http://127.0.0.1:{upstream.port}/v1")
    print("1..3")
    try:
        failed = report(1, f"{options.streams} streams", await check_bytes(proxy, options))
        failed |= report(2, "the server is killed and restarted", await check_killed(proxy, upstream))
    finally:
        lines, status = proxy.stop()
    problems = set() if status == 0 else {f"exit status {status}"}
    if sum(line.endswith(" 200 completed") for line in lines) < options.streams:
        problems.add("not all streams are reported")
    failed |= report(3, "reports", problems)
    return 1 if failed else 0


def main():
    back_end.raise_file_limit()
    if sys.argv[1] == "--upstream":
        asyncio.run(serve(int(sys.argv[2])))
        return 0
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--streams", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=3)
    return asyncio.run(check(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
