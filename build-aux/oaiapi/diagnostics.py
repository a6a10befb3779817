# SPDX-License-Identifier: LGPL-2.1-or-later
"""Errors in a description: collected, so that one run reports all of them."""

import difflib


class Diagnostics:
    def __init__(self):
        self.entries = []

    def error(self, path, line, column, message):
        entry = (path, line, column, message)
        if entry not in self.entries:
            self.entries.append(entry)

    @property
    def failed(self):
        return bool(self.entries)

    def format(self):
        return "".join(f"{path}:{line}:{column}: error: {message}\n" for path, line, column, message in self.entries)


def did_you_mean(name, candidates):
    """A hint with the most similar known name, or an empty string."""
    folded = {candidate.lower(): candidate for candidate in sorted(candidates)}
    near = difflib.get_close_matches(name.lower(), list(folded), n=1, cutoff=0.6)
    return f"; did you mean “{folded[near[0]]}”?" if near else ""
