#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs a program as the profiler Sysprof does, and checks the marks that it records.

usage: test-sysprof.py PROGRAM [ARGUMENT...]
"""

import array
import mmap
import os
import re
import socket
import struct
import subprocess
import sys
import threading

SIZE = 64 * mmap.PAGESIZE
REQUEST = b"CreatRing\0"
MARK = 10
FRAME = struct.Struct("=HhiqB7x")
DETAILS = struct.Struct("=q24s40s")


def serve(control, rings):
    """Creates a ring buffer for each thread that requests one."""
    while control.recv(len(REQUEST), socket.MSG_WAITALL) == REQUEST:
        ring = os.memfd_create("ring")
        os.ftruncate(ring, mmap.PAGESIZE + SIZE)
        os.pwrite(ring, struct.pack("=IIII", 0, 0, mmap.PAGESIZE, SIZE), 0)
        rings.append(ring)
        control.sendmsg([b"\0"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [ring]).tobytes())])


def read_marks(ring):
    """Yields the group, the name, the message and the duration of each mark."""
    data = os.pread(ring, SIZE, mmap.PAGESIZE)
    offset = 0
    while offset + FRAME.size <= len(data):
        length, _cpu, _pid, _time, kind = FRAME.unpack_from(data, offset)
        if length == 0:
            return
        if kind & 0xff == MARK:
            duration, group, name = DETAILS.unpack_from(data, offset + FRAME.size)
            message = data[offset + FRAME.size + DETAILS.size:offset + length]
            yield tuple(text.split(b"\0")[0].decode() for text in (group, name, message)) + (duration,)
        offset += length


def main():
    ours, theirs = socket.socketpair()
    rings = []
    threading.Thread(target=serve, args=(ours, rings), daemon=True).start()
    environment = dict(os.environ, SYSPROF_CONTROL_FD=str(theirs.fileno()))
    subprocess.run(sys.argv[1:], env=environment, pass_fds=[theirs.fileno()], timeout=60, check=True, stdout=subprocess.DEVNULL)
    marks = [mark for ring in rings for mark in read_marks(ring) if mark[0] == "Oai"]
    found = [(name, message) for _group, name, message, _duration in marks]
    expected = [
        ("head", "chat.create: attempt 1, status 500"),
        ("retry", "chat.create: attempt 1, status 500"),
        ("head", "chat.create: attempt 2, status 200"),
        ("call", "chat.create: done, status 200, attempts 2"),
    ]
    assert [mark for mark in found if mark in expected] == expected, marks
    assert all(duration >= 0 for _group, _name, _message, duration in marks), marks
    assert not any(re.search("sk-|Hello", message) for _name, message in found), marks


main()
