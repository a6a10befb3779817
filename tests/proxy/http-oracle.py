#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A second reader of requests, by the grammar of RFC 9112, to compare the one of the proxy with.

usage: http-oracle.py TEST-PROGRAM FILE...

Compares the requests that both readers find in the cases of the files.
"""

import ast
import os
import re
import subprocess
import sys

TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
ESCAPE = rb"%[0-9A-Fa-f]{2}"
PCHAR = rb"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|" + ESCAPE + rb")"
SEGMENT = PCHAR + rb"+"
PATH = rb"/(?:" + SEGMENT + rb"(?:/" + SEGMENT + rb")*/?)?"
TARGET = re.compile(rb"(" + PATH + rb")(\?(?:" + PCHAR + rb"|[/?\[\]])*)?")
REQUEST_LINE = re.compile(rb"(" + TOKEN + rb") ([^ ]+) HTTP/([0-9])\.([0-9])")
FIELD = re.compile(rb"(" + TOKEN + rb"):[ \t]*((?:[\x21-\x7e\x80-\xff](?:[ \t\x21-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?)[ \t]*")
HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.]{2,}\]|[A-Za-z0-9\-._~]+)(?::([0-9]{1,5}))?")
EXTENSION = rb";" + TOKEN + rb"(?:=(?:" + TOKEN + rb'|"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t \x21-\x7e\x80-\xff])*"))?'
CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,15})((?:" + EXTENSION + rb")*)")
SINGLE = (b"host", b"content-length", b"transfer-encoding", b"content-type", b"authorization", b"api-key", b"expect")
NOT_FOR_CONNECTION = (b"host", b"content-length", b"content-type", b"authorization", b"expect", b"api-key")
NOT_IN_TRAILERS = NOT_FOR_CONNECTION + (b"transfer-encoding", b"connection", b"trailer", b"upgrade", b"te",
                                        b"content-encoding", b"content-range", b"cookie")
MAX_HEAD, MAX_TARGET, MAX_FIELDS, MAX_EXTENSIONS = 16384, 8192, 100, 4096


class Refused(Exception):
    """With the status."""


def require(condition, status=400):
    if not condition:
        raise Refused(status)


def take_line(data):
    """The line and the rest; None if the line is not complete.  Only CR LF ends a line."""
    end = data.find(b"\n")
    if end < 0:
        return None, data
    require(end > 0 and data[end - 1:end] == b"\r")
    return data[:end - 1], data[end + 1:]


def read_target(target):
    require(target.startswith(b"/"))
    match = TARGET.fullmatch(target)
    require(match)
    path = match[1]
    for escape in re.findall(ESCAPE, path):
        value = int(escape[1:], 16)
        require(value >= 32 and value != 127 and value not in b"./\\")
    for segment in path[1:].split(b"/"):
        require(segment.split(b";")[0] not in (b".", b".."))


def read_request_line(line):
    parts = line.split(b" ")
    match = REQUEST_LINE.fullmatch(line)
    require(match and len(match[1]) <= 32)
    require(len(parts[1]) <= MAX_TARGET, 414)
    require(match[3] == b"1" and match[4] in b"01", 505)
    read_target(parts[1])
    return match[1], match[2], int(match[4])


def read_fields(lines):
    fields = []
    for line in lines:
        match = FIELD.fullmatch(line)
        require(match)
        fields.append((match[1].lower(), match[2]))
    return fields


def get_framing(fields, minor):
    values = dict(fields)
    length, coding = values.get(b"content-length"), values.get(b"transfer-encoding")
    require(length is None or coding is None)
    if length is not None:
        require(re.fullmatch(rb"0|[1-9][0-9]{0,17}", length))
        return int(length), False
    if coding is None:
        return 0, False
    require(minor == 1)
    if coding.lower() != b"chunked":
        other = re.fullmatch(rb"(" + TOKEN + rb"), chunked", coding)
        raise Refused(501 if other and other[1].lower() not in (b"chunked", b"identity") else 400)
    return 0, True


def check_fields(fields, minor):
    names = [name for name, value in fields]
    for name in SINGLE:
        require(names.count(name) <= 1)
    values = dict(fields)
    require(minor == 0 or b"host" in values)
    host = HOST.fullmatch(values.get(b"host", b"a"))
    require(host and int(host[1] or 0) <= 65535)
    framing = get_framing(fields, minor)
    options = []
    for name, value in fields:
        if name == b"connection":
            options += [option.strip(b" \t").lower() for option in value.split(b",")]
    for option in options:
        require(option == b"" or re.fullmatch(TOKEN, option) and option not in NOT_FOR_CONNECTION)
    require(minor == 0 or values.get(b"expect", b"100-continue").lower() == b"100-continue", 417)
    return framing, b"close" not in options and (minor == 1 or b"keep-alive" in options)


def read_head(data):
    """The head, and the rest; None if it is not complete."""
    lines, rest = [], data
    while True:
        line, rest = take_line(rest)
        if line is None:
            check_incomplete(data, lines)
            return None, data
        require(lines or line != b"")
        if len(line) > MAX_HEAD:
            check_incomplete(line, lines)
        require(len(data) - len(rest) <= MAX_HEAD, 431)
        if line == b"":
            break
        lines.append(line)
    method, target, minor = read_request_line(lines[0])
    fields = read_fields(lines[1:MAX_FIELDS + 1])
    require(len(lines) - 1 <= MAX_FIELDS, 431)
    framing, keep_alive = check_fields(fields, minor)
    return (method, target, framing, keep_alive), rest


def check_incomplete(data, lines):
    """What is refused before the head is complete."""
    if not lines and data[:1] not in (b"", b"\r"):
        require(re.match(TOKEN, data))
        require(b" " in data[:33] or len(data) <= 32)
        require(len(data) <= 32 + MAX_TARGET + 11, 414)
    require(len(data) <= MAX_HEAD, 431)


def read_chunked(data):
    """The body and the rest; None if it is not complete."""
    body, extensions = b"", 0
    while True:
        line, rest = take_line(data)
        if line is None:
            check_incomplete_chunk(data)
            return None, data
        match = CHUNK_LINE.fullmatch(line)
        require(match)
        extensions += len(match[2])
        require(extensions <= MAX_EXTENSIONS)
        size = int(match[1], 16)
        if size == 0:
            return read_trailers(body, rest)
        end = rest[size:size + 2]
        require(b"\r\n".startswith(end))
        if len(end) < 2:
            return None, data
        body, data = body + rest[:size], rest[size + 2:]


def check_incomplete_chunk(data):
    """The beginning of a line of a chunk: some end of it has to be valid."""
    data = data[:-1] if data.endswith(b"\r") else data
    if data == b"":
        return
    ends = (b"", b"0", b"a", b'"', b'a"')
    require(any(CHUNK_LINE.fullmatch(data + end) for end in ends) and b"\r" not in data)


def read_trailers(body, data):
    size, n = len(data), 0
    while True:
        line, data = take_line(data)
        require(size - len(data) <= MAX_HEAD, 431)
        if line is None:
            require(b"\r" not in data[:-1])
            return None, data
        if line == b"":
            return body, data
        n += 1
        require(n <= MAX_FIELDS, 431)
        name = read_fields([line])[0][0]
        require(name not in NOT_IN_TRAILERS)


def read_requests(data):
    """The requests, [(method, target, body)], and the end: "wait", "close" or the status of a refusal."""
    requests = []
    try:
        while True:
            head, data = read_head(data)
            if head is None:
                return requests, "wait"
            method, target, (length, chunked), keep_alive = head
            if chunked:
                body, data = read_chunked(data)
            else:
                body, data = (data[:length], data[length:]) if len(data) >= length else (None, data)
            if body is None:
                return requests, "wait"
            requests.append((method, target, body))
            if not keep_alive:
                return requests, "close"
    except Refused as error:
        return requests, error.args[0]


def read_cases(path):
    """The cases, [(name, expectation, bytes)]."""
    name, expected, data = None, None, b""
    with open(path, encoding="ascii") as file:
        for line in file:
            key, _, value = line.rstrip("\n").partition(" ")
            if key == "case":
                name, expected, data = value, None, b""
            elif key == "expect":
                expected = value
            elif key == "send":
                data += ast.literal_eval("b" + value)
            elif key == "repeat":
                count, _, text = value.partition(" ")
                data += ast.literal_eval("b" + text) * int(count)
            elif key == "end":
                yield name, expected, data


def describe(data):
    requests, end = read_requests(data)
    return "%d %s" % (len(requests), end)


def dump(data):
    """The requests as test-proxy-http-cases prints them."""
    requests, end = read_requests(data)
    return ["%s %s %s" % (method.decode(), target.decode(), body.hex()) for method, target, body in requests]


def read_dumps(program, path):
    """What the reader of the proxy returns for each case."""
    dumps, lines = [], []
    for line in subprocess.run([program, "--dump", path], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines():
        if line == "END":
            dumps.append(lines)
            lines = []
        else:
            lines.append(line)
    return dumps


def main():
    program, paths = sys.argv[1], sys.argv[2:]
    failures = 0
    print("1..%d" % len(paths))
    for number, path in enumerate(paths, 1):
        cases, dumps = list(read_cases(path)), read_dumps(program, path)
        problems = ["%d cases, but %d results" % (len(cases), len(dumps))] if len(cases) != len(dumps) else []
        for (name, expected, data), lines in zip(cases, dumps):
            if describe(data) != expected:
                problems.append("%s: is %s, and not %s" % (name, describe(data), expected))
            if dump(data) != lines:
                problems.append("%s: reads %s, and the proxy %s" % (name, dump(data), lines))
        failures += bool(problems)
        print("%s %d - %s" % ("not ok" if problems else "ok", number, os.path.basename(path)))
        print("".join("# %s\n" % problem for problem in problems), end="")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
