# SPDX-License-Identifier: LGPL-2.1-or-later
"""Processes: their CPU time and memory with that of their children, and programs that run during a measurement."""

import contextlib
import os
import select
import socket
import subprocess
import time
from pathlib import Path

PROCESS_CLOCK = 2  # of clock_getcpuclockid(), in nanoseconds
# The variables of a build directory, of keys and of proxies.
REMOVED = ('OPENAI_API_KEY', 'OPENAI_BASE_URL', 'http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'PYTHONPATH')


class Failed(Exception):
    """The message is the reason."""


def make_environment(more=None):
    return {name: value for name, value in os.environ.items() if name not in REMOVED} | (more or {})


def run(command, what, timeout=600, **arguments):
    """Runs a program, which must succeed, and returns its output."""
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=timeout, check=False, **arguments)
    if result.returncode != 0:
        raise Failed(f'{what} failed: {(result.stderr.strip() or result.stdout.strip())[-500:]}')
    return result.stdout.strip()


def list_tree(pid):
    """The process and all that it has started."""
    children = {}
    for stat in Path('/proc').glob('[0-9]*/stat'):
        with contextlib.suppress(OSError):
            fields = stat.read_text(encoding='utf-8', errors='replace').rpartition(')')[2].split()
            children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    tree = [pid]
    for one in tree:
        tree += children.get(one, [])
    return tree


def get_cpu(pid):
    """Seconds of user and system time, with those of threads that have ended."""
    total = 0
    for one in list_tree(pid):
        with contextlib.suppress(OSError):
            total += time.clock_gettime(~one << 3 | PROCESS_CLOCK)
    return total


def get_memory(pid):
    """Bytes: resident memory, and that without the share of other processes."""
    total = {'rss': 0, 'pss': 0}
    for one in list_tree(pid):
        with contextlib.suppress(OSError):
            for line in Path(f'/proc/{one}/smaps_rollup').read_text(encoding='utf-8').splitlines():
                name, _, value = line.partition(':')
                if name.lower() in total:
                    total[name.lower()] += int(value.split()[0]) * 1024
    return total


def find_port():
    with socket.socket() as one:
        one.bind(('127.0.0.1', 0))
        return one.getsockname()[1]


def wait_for_port(process, port, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(('127.0.0.1', port), 1):
            return
        if process.poll() is not None:
            raise Failed(f'the program ended with status {process.returncode}')
        time.sleep(0.1)
    raise Failed('the program does not listen')


def read_line(process, seconds):
    """A line of the output; an empty string at its end or if it is late."""
    return process.stdout.readline().strip() if select.select([process.stdout], [], [], seconds)[0] else ''


def stop(process):
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextlib.contextmanager
def serve(command):
    """Runs a server that prints its port, and ends when its standard input is closed."""
    process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield int(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait(10)


@contextlib.contextmanager
def hold(command, count):
    """Opens streams until the end of the context, which receives the reason if that failed, or None."""
    process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        ready = read_line(process, 60 + count / 10) == 'ready'
        if ready:
            time.sleep(2)  # some events of each stream
        if ready and process.poll() is None:
            yield None
        else:
            process.kill()
            yield (process.stderr.read().strip().splitlines() or ['the streams did not open in time'])[0]
    finally:
        if process.poll() is None:
            process.stdin.close()
            process.wait(10)
        time.sleep(1)  # until the proxy has closed the connections
