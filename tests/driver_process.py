# SPDX-License-Identifier: LGPL-2.1-or-later
"""The process of a driver: a program that reads a line of JSON and replies with another line."""

import json
import os
import subprocess
import tempfile
import threading

# Environment variables that the library or a driver would read.
OWN_PREFIXES = ("OPENAI_", "AZURE_OPENAI_", "OAI_DEBUG")
MAX_ERRORS = 1500


class DriverEnded(Exception):
    """The driver has ended, or took too long and was killed."""


class DriverProcess:
    def __init__(self, command, home, timeout, environment=None):
        variables = {name: value for name, value in os.environ.items()
                     if not name.startswith(OWN_PREFIXES) and not name.lower().endswith("_proxy")}
        variables.update(HOME=home, XDG_CONFIG_HOME=home, GIO_USE_PROXY_RESOLVER="dummy", LC_ALL="C.UTF-8", OAI_KEYRING="")
        for name, value in (environment or {}).items():
            if value is None:
                variables.pop(name, None)
            else:
                variables[name] = value
        self.timeout = timeout
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, env=variables, cwd=home)

    def is_running(self):
        return self.process.poll() is None

    def request(self, value):
        """Sends a value, and returns the line with the reply, as bytes."""
        timer = threading.Timer(self.timeout, self.process.kill)
        timer.start()
        try:
            self.process.stdin.write(json.dumps(value).encode() + b"\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = b""
        finally:
            timer.cancel()
        if not line:
            code = self.process.wait()
            self.errors.seek(0)
            raise DriverEnded("the driver ended with %d: %s" % (code, self.errors.read().decode("utf-8", "replace")[-MAX_ERRORS:]))
        return line

    def close(self):
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        self.process.wait()
        self.process.stdout.close()
        self.errors.close()
