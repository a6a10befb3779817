#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Replays recorded exchanges of real servers with the library.

usage: run.py DRIVER MODULE... [--only TEXT] [--verbose]

The folder that OAI_RECORDINGS_DIR names contains PROVIDER.jsonl, with one exchange
per line, as its README describes.  Prints TAP: one test for each provider, and at the
end a test that no oddity is out of date.  oddities.json lists where a recording differs
from what its server sent.

Exchanges that no module supports are read by core alone and counted as generic.
Exchanges that this driver does not know are counted as not known, and not as passed.
"""

import argparse
import collections
import concurrent.futures
import fnmatch
import glob
import json
import os
import re
import sys
import tempfile
import threading

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import checks  # noqa: E402
import exchanges  # noqa: E402
from driver_process import DriverEnded, DriverProcess  # noqa: E402

WORKERS = 2
TIMEOUT = 120
STATUSES = ("passed", "failed", "oddity", "generic", "not known")


class Driver(DriverProcess):
    """A process that runs one replay after another."""

    def __init__(self, command, home):
        super().__init__(command, home, TIMEOUT)

    def ask(self, play):
        try:
            answer = json.loads(self.request(play))
        except DriverEnded as error:
            raise checks.Failed(str(error)) from error
        if "unknown" in answer:
            raise checks.NotKnown(answer["unknown"])
        return answer


class Oddity:
    def __init__(self, entry):
        self.reason = entry["reason"]
        self.patterns = entry["recordings"]
        self.check = re.compile(entry.get("check", ""))
        self.failure = re.compile(entry.get("failure", ""), re.S)
        self.used = set()

    def covers(self, identifier, check, failure):
        for pattern in self.patterns:
            if fnmatch.fnmatchcase(identifier, pattern) and self.check.search(check) and self.failure.search(failure):
                self.used.add(pattern)
                return True
        return False


def load_oddities():
    with open(os.path.join(HERE, "oddities.json"), encoding="utf-8") as file:
        return [Oddity(entry) for entry in json.load(file)]


class Runner:
    def __init__(self, command, home, oddities):
        self.command = command
        self.home = home
        self.oddities = oddities
        self.local = threading.local()
        self.drivers = []

    def ask(self, play):
        driver = getattr(self.local, "driver", None)
        if driver is None or not driver.is_running():
            driver = self.local.driver = Driver(self.command, self.home)
            self.drivers.append(driver)
        return driver.ask(play)

    def run_check(self, identifier, name, function):
        """A status of STATUSES, and the reason."""
        try:
            function()
        except checks.Failed as failure:
            for oddity in self.oddities:
                if oddity.covers(identifier, name, str(failure)):
                    return "oddity", oddity.reason
            return "failed", str(failure)
        except checks.NotKnown as reason:
            return "not known", str(reason)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            return "not known", "%s: %s" % (type(error).__name__, error)
        return ("generic" if name.startswith("generic") else "passed"), None

    def list_exchange(self, recording):
        exchange = checks.Exchange(self.operations, recording)
        return [(name, lambda function=function: function(exchange, self.ask)) for name, function in checks.list_checks(exchange)]

    def list_session(self, recording):
        frames = recording.get("frames")
        if not isinstance(frames, list):
            raise checks.NotKnown("a session without frames")
        texts = [frame["json"] for frame in frames if isinstance(frame, dict) and isinstance(frame.get("json"), dict)]
        return [("generic frames", lambda: [checks.check_frame(frame, self.ask) for frame in texts])]

    def run(self, line):
        """The checks of a line: (id, check, status, reason)."""
        identifier = "?"
        try:
            recording = json.loads(line)
            if not isinstance(recording, dict):
                raise checks.NotKnown("a line that is no object")
            identifier = str(recording.get("id"))
            kind = recording.get("kind")
            if kind not in (None, "websocket"):
                raise checks.NotKnown("kind %s" % kind)
            listed = self.list_session(recording) if kind == "websocket" else self.list_exchange(recording)
        except checks.NotKnown as reason:
            return [(identifier, "recording", "not known", str(reason))]
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            return [(identifier, "recording", "not known", "%s: %s" % (type(error).__name__, error))]
        return [(identifier, name) + self.run_check(identifier, name, function) for name, function in listed]

    def start(self):
        try:
            self.operations = exchanges.Operations(self.ask({"play": "describe"}))
        except (OSError, checks.Failed) as error:
            print("Bail out! %s" % str(error).replace("\n", " "))
            sys.exit(1)

    def close(self):
        for driver in self.drivers:
            driver.close()


def read_lines(path, only):
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return [line for line in file if line.strip() and (only is None or only in line)]


def report(number, provider, results, verbose):
    counts = collections.Counter(status for _, _, status, _ in results)
    summary = ", ".join("%d %s" % (counts[status], status) for status in STATUSES if counts[status] or status in ("passed", "failed"))
    line = "%d - %s: %s" % (number, provider, summary)
    if counts["failed"]:
        print("not ok " + line)
    elif not counts["passed"] and not counts["generic"]:
        print("ok %s # SKIP nothing of it is known" % line)
    else:
        print("ok " + line)
    for identifier, check, status, why in results:
        if status in ("failed", "not known") or (verbose and why):
            print("# %s: %s: %s: %s" % (identifier, check, status, (why or "").replace("\n", " ")))
    sys.stdout.flush()
    return counts


def find_stale(oddities, identifiers):
    """The oddities of available recordings, by full name, that no longer occur."""
    return ["%s: %s" % (pattern, oddity.reason) for oddity in oddities for pattern in oddity.patterns
            if pattern not in oddity.used and pattern in identifiers]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("driver")
    parser.add_argument("modules", nargs="*")
    parser.add_argument("--only", help="recordings whose line holds this text")
    parser.add_argument("--verbose", action="store_true", help="print the reasons of oddities, too")
    arguments = parser.parse_args()
    folder = os.environ.get("OAI_RECORDINGS_DIR")
    if not folder:
        print("1..0 # SKIP OAI_RECORDINGS_DIR is not set: it names the folder of the recordings")
        return 0
    files = sorted(glob.glob(os.path.join(folder, "*.jsonl")))
    if not files:
        print("1..0 # SKIP there are no recordings in %s" % folder)
        return 0

    # Recordings can contain lone surrogates.
    sys.stdout.reconfigure(errors="backslashreplace")
    total = collections.Counter()
    identifiers = set()
    oddities = load_oddities()
    print("TAP version 13")
    print("1..%d" % (len(files) + 1))
    with tempfile.TemporaryDirectory() as home, concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        runner = Runner([os.path.abspath(arguments.driver)] + arguments.modules, home, oddities)
        runner.start()
        futures = [(path, [pool.submit(runner.run, line) for line in read_lines(path, arguments.only)]) for path in files]
        for number, (path, lines) in enumerate(futures, 1):
            results = [result for future in lines for result in future.result()]
            identifiers.update(result[0] for result in results)
            total += report(number, os.path.basename(path).removesuffix(".jsonl"), results, arguments.verbose)
        runner.close()

    stale = [] if arguments.only else find_stale(oddities, identifiers)
    print("%s %d - every oddity that is listed is one of a recording" % ("not ok" if stale else "ok", len(files) + 1))
    for line in stale:
        print("# " + line)
    print("# total: %s" % ", ".join("%d %s" % (total[status], status) for status in STATUSES))
    return 1 if total["failed"] or stale else 0


if __name__ == "__main__":
    sys.exit(main())
