# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes files, unless their contents are unchanged."""

import os


def write_if_changed(path, text):
    data = text.encode()
    try:
        with open(path, "rb") as old:
            if old.read() == data:
                return False
    except FileNotFoundError:
        pass
    temporary = f"{path}.tmp{os.getpid()}"
    with open(temporary, "wb") as new:
        new.write(data)
    os.replace(temporary, path)
    return True


def depfile(targets, sources):
    def quoted(path):
        return path.replace(" ", "\\ ").replace("$", "$$")

    return f"{' '.join(map(quoted, targets))}: {' '.join(map(quoted, sorted(set(sources))))}\n"
