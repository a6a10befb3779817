#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs conformance fixtures with the library, and compares the results.

usage: run.py DRIVER [--only TEXT] [--verbose]

The folder that OAI_CONFORMANCE_DIR names contains one folder for each kind of
fixture, and replay.py, the server for them.  Prints TAP: one test for each kind,
and at the end a test that no deviation is out of date.  deviations.json lists
intended deviations of the library.

A fixture with unknown members is reported as an unknown shape, and counts as not
covered.
"""

import argparse
import collections
import concurrent.futures
import importlib.util
import json
import os
import re
import sys
import tempfile
import threading

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import compare  # noqa: E402
import origins  # noqa: E402
import plan  # noqa: E402
from driver_process import DriverEnded, DriverProcess  # noqa: E402

# Member of the fixture that represents an unreadable file.
UNREADABLE = "unreadable file"
WORKERS = 4
TIMEOUT = 60


class Driver(DriverProcess):
    """A process that runs one case after another."""

    def __init__(self, command, home, environment=None):
        super().__init__([command], home, TIMEOUT, environment)

    def ask(self, payload):
        try:
            line = self.request(payload)
        except DriverEnded as error:
            raise compare.Mismatch(str(error)) from error
        try:
            return compare.unpack(json.loads(line))
        except ValueError as error:
            raise compare.Mismatch("the driver answered %r: %s" % (line[:200], error)) from error


def load_replay(folder):
    spec = importlib.util.spec_from_file_location("replay", os.path.join(folder, "replay.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Replay


def load_fixtures(folder, only):
    kinds = collections.OrderedDict()
    for kind in sorted(os.listdir(folder)):
        path = os.path.join(folder, kind)
        if not os.path.isdir(path):
            continue
        for name in sorted(os.listdir(path)):
            if not name.endswith(".json"):
                continue
            fixture = load_fixture(kind, os.path.join(path, name))
            if only is None or only in fixture["name"]:
                kinds.setdefault(kind, []).append(fixture)
    return kinds


def load_fixture(kind, path):
    """A file that is not a fixture becomes one of an unknown shape, with the name of the file."""
    name = os.path.basename(path)[:-len(".json")]
    try:
        with open(path, encoding="utf-8") as file:
            fixture = json.load(file)
    except (OSError, ValueError, RecursionError) as error:
        return {"name": name, "kind": kind, UNREADABLE: str(error)}
    if not isinstance(fixture, dict):
        return {"name": name, "kind": kind, UNREADABLE: "of type %s" % type(fixture).__name__}
    if not isinstance(fixture.get("name"), str):
        fixture["name"] = name
    return fixture


def merge(expected, changes):
    """JSON merge patch: null removes."""
    out = dict(expected)
    for name, value in changes.items():
        if value is None:
            out.pop(name, None)
        elif isinstance(value, dict) and isinstance(out.get(name), dict):
            out[name] = merge(out[name], value)
        else:
            out[name] = value
    return out


def substitute(value, path, pattern, replacement):
    """Replaces the matches of a pattern in the string at the path."""
    if not path:
        return re.sub(pattern, replacement, value) if isinstance(value, str) else value
    if not isinstance(value, dict) or path[0] not in value:
        return value
    return dict(value, **{path[0]: substitute(value[path[0]], path[1:], pattern, replacement)})


def combine(groups):
    """Combines the removed and moved events of several groups."""
    out = {"reason": " ".join(group["reason"] for group in groups), "expect": {}, "substitute": {}, "without": [], "moved": []}
    for group in groups:
        out["expect"] = merge_patches(out["expect"], group.get("expect", {}))
        out["substitute"].update(group.get("substitute", {}))
        out["without"] += group.get("without", [])
        out["moved"] += group.get("moved", [])
    return out


def merge_patches(first, second):
    out = dict(first)
    for name, value in second.items():
        both = isinstance(value, dict) and isinstance(out.get(name), dict)
        out[name] = merge_patches(out[name], value) if both else value
    return out


def find(fixture, path):
    """The member at a path of names, which can contain dots."""
    value = fixture
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


class Deviations:
    """Groups of cases that deviate for the same reason.

    "cases" lists them, and "match" selects them by their members: with patterns
    for strings, and by equality for other values.  The deviating result is checked
    as well: "expect" is merged into the expectation of the fixture, "substitute"
    changes strings in it, "without" lists types of events to remove on both sides,
    and "moved" types of events that can be at another position.
    """

    def __init__(self, groups):
        self.named = {name: group for group in groups for name in group.get("cases", [])}
        self.rules = [group for group in groups if "match" in group]

    @staticmethod
    def matches(fixture, conditions):
        for path, wanted in conditions.items():
            value = find(fixture, path)
            if isinstance(wanted, str) and not (isinstance(value, str) and re.search(wanted, value)):
                return False
            if not isinstance(wanted, str) and value != wanted:
                return False
        return True

    def match(self, fixture):
        return [group for group in self.rules if self.matches(fixture, group["match"])]


class Runner:
    def __init__(self, command, folder, deviations, home):
        self.command = command
        self.home = home
        self.deviations = deviations
        self.Replay = load_replay(folder)
        self.local = threading.local()
        self.drivers = []

    def driver(self):
        driver = getattr(self.local, "driver", None)
        if driver is None or not driver.is_running():
            driver = self.local.driver = Driver(self.command, self.home)
            self.drivers.append(driver)
        return driver

    def ask(self, play):
        if play.environment is None:
            return self.driver().ask(play.payload)
        driver = Driver(self.command, self.home, play.environment)
        try:
            return driver.ask(play.payload)
        finally:
            driver.close()

    def play(self, play):
        if play.server is None:
            return self.ask(play), []
        if play.server == "origins":
            server = origins.Origins(play.fixture)
            play.payload["proxy"] = server.proxy
        else:
            server = self.Replay(play.fixture)
            # A client that closes a connection is not an error of the server.
            server.httpd.handle_error = lambda request, address: None
            play.payload["origin"] = server.origin
        try:
            return self.ask(play), list(server.log)
        finally:
            server.close()

    def check(self, fixture, expected, outcomes):
        """The first difference from the expectation, or None."""
        for answer, log in outcomes:
            try:
                if isinstance(answer, compare.Mismatch):
                    raise answer
                plan.compare_play(fixture, expected, answer, log)
            except compare.Mismatch as mismatch:
                return str(mismatch)
            except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
                return "%s: %s in %s" % (type(error).__name__, error, compare.short(repr(answer)))
        return None

    def run(self, fixture):
        """Returns passed, failed, deviation, stale, "not covered" or "unknown shape", and the reason."""
        if UNREADABLE in fixture:
            return "unknown shape", "no JSON: " + fixture[UNREADABLE]
        try:
            return self.run_plays(fixture, plan.plan(fixture))
        except plan.NotCovered as reason:
            return "not covered", str(reason)
        except compare.UnknownShape as reason:
            return "unknown shape", str(reason)
        except Exception as error:  # the other fixtures still run
            return "failed", "the driver's own error: %s: %s" % (type(error).__name__, error)

    def run_plays(self, fixture, plays):
        name = fixture["name"]
        outcomes = []
        for play in plays:
            try:
                outcomes.append(self.play(play))
            except compare.Mismatch as mismatch:
                outcomes.append((mismatch, []))
        failure = self.check(fixture, fixture["expected"], outcomes)
        named = self.deviations.named.get(name)
        if failure is None and named is not None:
            return "stale", "it does as the fixture expects, and is listed as a deviation"
        if failure is None:
            return "passed", None
        rules = self.deviations.match(fixture)
        second = None
        for group in ([named] if named is not None else []) + rules + [combine(rules)]:
            second = self.check_deviation(fixture, group, outcomes)
            if second is None:
                return "deviation", group["reason"]
        return "failed", failure if named is None else "not even the deviation: " + second

    def check_deviation(self, fixture, group, outcomes):
        """The first difference from the deviation, or None."""
        expected = merge(fixture["expected"], group.get("expect", {}))
        for path, (pattern, replacement) in group.get("substitute", {}).items():
            expected = substitute(expected, path.split("."), pattern, replacement)

        def reduce(value):
            return compare.set_apart(compare.leave_out(value, group.get("without", [])), group.get("moved", []))

        outcomes = [(reduce(answer) if isinstance(answer, dict) else answer, log) for answer, log in outcomes]
        return self.check(fixture, reduce(expected), outcomes)

    def start(self):
        """Reports immediately if the driver cannot run."""
        try:
            driver = Driver(self.command, self.home)
            driver.ask({"play": "nothing"})
            driver.close()
        except (OSError, compare.Mismatch) as error:
            print("Bail out! %s" % str(error).replace("\n", " "))
            sys.exit(1)

    def close(self):
        for driver in self.drivers:
            driver.close()


def load_deviations():
    with open(os.path.join(HERE, "deviations.json"), encoding="utf-8") as file:
        return Deviations(json.load(file))


def report(number, kind, fixtures, results, verbose):
    counts = collections.Counter(status for status, _ in results)
    line = "%s: %d passed, %d failed, %d deviations" % (kind, counts["passed"], counts["failed"] + counts["stale"], counts["deviation"])
    for status in ("not covered", "unknown shape"):
        if counts[status]:
            line += ", %d %s" % (counts[status], status)
    if counts["not covered"] + counts["unknown shape"] == len(results):
        print("ok %d - %s # SKIP %s: %s" % (number, line, *results[0]))
    else:
        print("%s %d - %s" % ("not ok" if counts["failed"] + counts["stale"] else "ok", number, line))
    for fixture, (status, why) in zip(fixtures, results):
        if status in ("failed", "stale", "unknown shape") or (verbose and status != "passed"):
            print("# %s [%s]: %s: %s" % (fixture["name"], fixture.get("tier"), status, " ".join((why or "").split())))
    sys.stdout.flush()
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("driver")
    parser.add_argument("--only", help="fixtures whose names hold this text")
    parser.add_argument("--verbose", action="store_true", help="tell why of deviations and of what is not covered, too")
    arguments = parser.parse_args()
    folder = os.environ.get("OAI_CONFORMANCE_DIR")
    if not folder:
        print("1..0 # SKIP OAI_CONFORMANCE_DIR is not set: it names the folder of the conformance fixtures")
        return 0

    kinds = load_fixtures(folder, arguments.only)
    deviations = load_deviations()
    total = collections.Counter()
    print("TAP version 13")
    print("1..%d" % (len(kinds) + 1))
    with tempfile.TemporaryDirectory() as home, concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        runner = Runner(os.path.abspath(arguments.driver), folder, deviations, home)
        runner.start()
        futures = {kind: [pool.submit(runner.run, fixture) for fixture in fixtures] for kind, fixtures in kinds.items()}
        for number, (kind, fixtures) in enumerate(kinds.items(), 1):
            total += report(number, kind, fixtures, [future.result() for future in futures[kind]], arguments.verbose)
        runner.close()

    names = {fixture["name"] for fixtures in kinds.values() for fixture in fixtures}
    unknown = sorted(set(deviations.named) - names)
    # A part of the collection need not contain all listed cases.
    if arguments.only or len(unknown) == len(deviations.named):
        unknown = []
    print("%s %d - every deviation that is listed is one of a fixture" % ("not ok" if unknown else "ok", len(kinds) + 1))
    for name in unknown:
        print("# %s: no such fixture" % name)
    print("# not compared: the SDKs' own words of %d errors" % len(compare.WORDS_OF_SDKS))
    print("# total: %s" % ", ".join("%d %s" % (total[name], name) for name in ("passed", "failed", "stale", "deviation", "not covered", "unknown shape")))
    return 1 if total["failed"] or total["stale"] or unknown else 0


if __name__ == "__main__":
    sys.exit(main())
