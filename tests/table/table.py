# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads the tables of the guide for users of OpenAI-DotNet, and creates the directory for its lines."""

import contextlib
import os
import re
import struct
import tempfile
import zlib

HEAD = ["OpenAI-DotNet", "Requests", "C", "Python"]
KEY = "sk-test"

# The objects that must exist so that the lists of a section are not empty.
EXAMPLES = {"Assistants": "assistant", "Runs": "run", "Responses": "response", "Conversations": "item_id", "Files": "file_id",
            "Fine-tuning": "job_id"}


class Row:
    def __init__(self, section, cells):
        self.section = section
        self.title = cells[0][0]
        self.requests = cells[1]
        self.c = cells[2]
        self.python = cells[3]

    @property
    def name(self):
        return "%s: %s" % (self.section, self.title)

    @property
    def version(self):
        return "v1" if "version 1" in self.section else "v2"

    @property
    def example(self):
        return EXAMPLES.get(self.section) if "List" in self.title else None

    @property
    def finished(self):
        """Whether the run that the lines use has ended."""
        return self.section.startswith("Steps")

    @property
    def checks_credentials(self):
        return self.section in ("Authentication", "Life of a client")


def read_cell(text, place):
    text = text.strip()
    if text == "\N{EM DASH}":
        return []
    lines = text.split("<br>")
    if not all(len(line) > 2 and line[0] == line[-1] == "`" for line in lines):
        raise ValueError("%s: a cell is lines of code, with <br> between them, or a dash: %s" % (place, text))
    return [line[1:-1] for line in lines]


def read_rows(path):
    """The rows of the tables with the four columns; other tables are not run."""
    rows, section, inside = [], None, False
    with open(path, encoding="utf-8") as guide:
        for number, line in enumerate(guide, 1):
            cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
            if line.startswith("## "):
                section, inside = line[3:].strip(), False
            elif not line.startswith("|"):
                inside = False
            elif cells == HEAD:
                inside = True
            elif inside and not line.startswith("|---"):
                place = "%s:%d" % (path, number)
                if len(cells) != len(HEAD):
                    raise ValueError("%s: %d columns in place of %d" % (place, len(cells), len(HEAD)))
                rows.append(Row(section, [read_cell(cell, place) for cell in cells]))
    if not rows:
        raise ValueError("%s has no table" % path)
    return rows


def find_names(lines):
    """The identifiers of some lines of code, without those in strings or after a dot."""
    text = re.sub(r'"(?:[^"\\]|\\.)*"', '""', "\n".join(lines))
    return set(re.findall(r"(?<![\w.>])[A-Za-z_]\w*", text))


def request_fits(expected, method, path):
    pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(expected))
    return re.fullmatch(pattern, "%s %s" % (method, path)) is not None


def make_picture(side=16):
    """A square PNG with transparency."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    pixels = (b"\0" + b"\0\0\0\0" * side) * side
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b""))


def make_sound(seconds=1, rate=8000):
    data = b"\0\0" * rate * seconds
    return (b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, rate, rate * 2, 2, 16)
            + b"data" + struct.pack("<I", len(data)) + data)


FILES = {
    "settings/.openai": b'{ "apiKey": "sk-test", "organization": "org-test" }\n',
    "settings/key.json": b'{ "apiKey": "sk-test" }\n',
    "notes.txt": b"Knowledge is power!\n",
    "training.jsonl": b'{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}\n' * 10,
    "recording.wav": make_sound(),
    "room.png": make_picture(),
    "mask.png": make_picture(),
}


@contextlib.contextmanager
def prepared_directory():
    """A directory with the files that the lines use; it becomes the current and the home directory."""
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as directory:
        for name, content in FILES.items():
            path = os.path.join(directory, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content)
            os.chmod(path, 0o600)
        for name in [name for name in os.environ if name.startswith(("OPENAI_", "OPEN_AI_", "AZURE_"))]:
            del os.environ[name]
        os.environ.update({"OPENAI_API_KEY": KEY, "HOME": directory})
        os.chdir(directory)
        try:
            yield directory
        finally:
            os.chdir(before)
