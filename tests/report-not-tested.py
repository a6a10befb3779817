#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reports the tests that this build leaves out as skipped.  Prints TAP.

usage: report-not-tested.py "WHAT: WHY"...
"""

import sys

print("1..%d" % len(sys.argv[1:]))
for number, line in enumerate(sys.argv[1:], 1):
    print("ok %d %s # SKIP %s" % (number, *line.split(": ", 1)))
