#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that check-core-names.py reports each kind of name that core must not contain.

usage: test-core-names.py CHECK-CORE-NAMES
"""

import sys

sys.dont_write_bytecode = True
from check_cases import report, run_check  # noqa: E402

DESCRIPTION = """\
module zoo

/// A request.
record FeedRequest : writable
  /// What.
  fodder! string

/// An animal.
record Animal
  /// Identifier.
  id      string
  /// How many.
  n_legs  int

/// An event.
record AnimalEvent
  /// The animal.
  animal  Animal

/// A feeding.
stream FeedStream of AnimalEvent -> Animal
  /// It ate.
  signal eaten
    /// What.
    text string

  event animal.ate
    put animal.n_legs -> n_legs

  event *.slept
    put animal -> .

/// The zoo.
endpoint ZooEndpoint
  /// Lists.
  op list GET zoo/animals -> [Animal]
  /// Feeds.
  op feed POST zoo/animals/{animal_id}/meals FeedRequest -> Animal
"""
# what is wrong, the source, the message
CASES = [
    ("nothing", 'a = get ("id"); b = "other";\n', None),
    ("a comment and a property", '/* "n_legs" */\np = g_param_spec_int ("fodder", NULL);\n', None),
    ("member", 'a = get ("id");\nb = get ("n_legs");\n', 'x.c:2: "n_legs" is the member of a record'),
    ("member of a request", 'f ("fodder");\n', 'x.c:1: "fodder" is the member of a record'),
    ("member in JSON text", 'f ("{\\"n_legs\\":4}");\n', 'x.c:1: "n_legs" is the member of a record'),
    ("one of several literals", 'n[] = { "id", "it\\"s",\n  "fodder" };\n', 'x.c:2: "fodder" is the member of a record'),
    ("after a character", "c = '\"';\nf (\"fodder\");\n", 'x.c:2: "fodder" is the member of a record'),
    ("stream event", 'f ("animal.ate");\n', 'x.c:1: "animal.ate" is a stream event'),
    ("stream event with a wildcard", 'f ("bear.slept");\n', 'x.c:1: "bear.slept" is a stream event'),
    ("path", 'f ("zoo/animals");\n', 'x.c:1: "zoo/animals" is the path of an operation'),
    ("path in an address", 'f ("/v1/zoo/animals?limit=1");\n', 'x.c:1: "/v1/zoo/animals?limit=1" is the path of an operation'),
    ("endpoint", 'f ("zoo");\n', 'x.c:1: "zoo" is an endpoint'),
]


def main():
    made = []
    for name, source, message in CASES:
        result = run_check(sys.argv[1], {"modules/zoo/zoo.api": DESCRIPTION, "libopenai-core/low/x.c": source})
        good = (message or " 0 problems") in result.stdout and (result.returncode == 0) == (message is None)
        made.append((name, good, result))
    return report(made)


if __name__ == "__main__":
    sys.exit(main())
