# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures processes: time and memory, instructions, and system calls."""

import functools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

FIGURES = ('cpu', 'wall', 'rss')
# Programs are measured with their default settings: these variables change the certificates that some of them
# read, or are for the libraries in the build directory, and would affect all others.
REMOVED = ('SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS', 'CURL_CA_BUNDLE', 'OPENAI_API_KEY', 'OPENAI_BASE_URL',
           'LD_LIBRARY_PATH', 'PYTHONPATH', 'GJS_PATH', 'GI_TYPELIB_PATH', 'OAI_MODULE_PATH')


def make_environment(more=None):
    environment = {name: value for name, value in os.environ.items() if name not in REMOVED}
    environment |= more or {}
    return environment | {'G_MESSAGES_DEBUG': '', 'NO_PROXY': '127.0.0.1', 'no_proxy': '127.0.0.1'}


def run(command, environment, what):
    """Runs a program, which must succeed, and returns its output."""
    result = subprocess.run([str(word) for word in command], env=environment, capture_output=True, text=True, timeout=900, check=False)
    if result.returncode != 0:
        sys.exit(f'{what} failed: {(result.stderr.strip() or result.stdout.strip())[-500:]}')
    return result.stdout.strip()


def measure(measure_program, prefix, command, environment, what):
    """The output of a program, and its figures.  The prefix is a command that starts the measurement."""
    with tempfile.NamedTemporaryFile('r', suffix='.json') as figures:
        output = run([*prefix, measure_program, figures.name, *command], environment, what)
        return output, json.load(figures)


def count_instructions(command, environment):
    with tempfile.NamedTemporaryFile('r', suffix='.callgrind') as profile:
        run(['valgrind', '--tool=callgrind', f'--callgrind-out-file={profile.name}', *command], environment, 'valgrind')
        return int(re.search(r'^(?:summary|totals): (\d+)', profile.read(), re.MULTILINE)[1])


def count_system_calls(command, environment):
    with tempfile.NamedTemporaryFile('r', suffix='.strace') as summary:
        run(['strace', '-c', '-U', 'calls,name', '-f', '-o', summary.name, *command], environment, 'strace')
        return int(re.search(r'^ *(\d+) total$', summary.read(), re.MULTILINE)[1])


@functools.cache
def why_no_instructions():
    return None if shutil.which('valgrind') else 'valgrind is not installed'


@functools.cache
def why_no_system_calls():
    if shutil.which('strace') is None:
        return 'strace is not installed'
    result = subprocess.run(['strace', '-c', '-f', '-o', os.devnull, 'true'], capture_output=True, text=True, check=False)
    return None if result.returncode == 0 else f'strace fails: {result.stderr.strip()[-200:]}'
