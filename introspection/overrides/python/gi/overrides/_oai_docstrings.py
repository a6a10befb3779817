# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads docstrings: the first paragraph, and the descriptions of arguments in the styles of Google, NumPy and Sphinx."""

import inspect
import re

_GOOGLE_HEAD = re.compile(r"(Args|Arguments|Parameters|Params|Attributes|Keyword Args|Keyword Arguments|Other Parameters):\s*$")
_GOOGLE_ITEM = re.compile(r"\*{0,2}(\w+)\s*(?:\(.*?\))?\s*:\s*(.*)$")
_NUMPY_HEAD = re.compile(r"(Parameters|Other Parameters|Attributes)\s*$")
_NUMPY_ITEM = re.compile(r"(\*{0,2}\w+(?:\s*,\s*\*{0,2}\w+)*)\s*(?::.*)?$")
_SPHINX_ITEM = re.compile(r":(?:param|parameter|arg|argument|key|keyword|ivar|var)\s+(?:[^:]*\s)?\*{0,2}(\w+)\s*:\s*(.*)$")
_HEAD = re.compile(r"[A-Z][A-Za-z ]*:\s*$")
_UNDERLINE = re.compile(r"-{3,}\s*$")


def _get_indent(line):
    return len(line) - len(line.lstrip())


def _is_underlined(lines, index):
    return index + 1 < len(lines) and _UNDERLINE.match(lines[index + 1]) is not None


def _read_first_paragraph(lines):
    paragraph = []
    for index, line in enumerate(lines):
        if not line.strip() or line.startswith(":") or _GOOGLE_HEAD.match(line) or _is_underlined(lines, index):
            break
        paragraph.append(line.strip())
    return " ".join(paragraph) or None


def _read_items(lines, item, indent):
    """The descriptions of a section: lines at the indent start an item, and deeper ones continue it."""
    found, names = {}, []
    for line in lines:
        match = item.match(line.strip()) if _get_indent(line) == indent else None
        if match is not None:
            names = [name.strip().lstrip("*") for name in match[1].split(",")]
            text = match[2] if item.groups > 1 else ""
            found.update({name: [text] for name in names})
        elif line.strip():
            for name in names:
                found[name].append(line.strip())
    return {name: " ".join(filter(None, texts)) for name, texts in found.items()}


def _read_google(lines):
    found = {}
    for index, line in enumerate(lines):
        if not _GOOGLE_HEAD.match(line):
            continue
        section = []
        for following in lines[index + 1:]:
            if following.strip() and _get_indent(following) == 0:
                break
            section.append(following)
        first = next((following for following in section if following.strip()), "")
        found.update(_read_items(section, _GOOGLE_ITEM, _get_indent(first)))
    return found


def _read_numpy(lines):
    found = {}
    for index, line in enumerate(lines):
        if not _NUMPY_HEAD.match(line) or not _is_underlined(lines, index):
            continue
        section = []
        for number in range(index + 2, len(lines)):
            if _is_underlined(lines, number):
                break
            section.append(lines[number])
        found.update(_read_items(section, _NUMPY_ITEM, 0))
    return found


def _read_sphinx(lines):
    found, name = {}, None
    for line in lines:
        match = _SPHINX_ITEM.match(line)
        if match is not None:
            name = match[1]
            found[name] = [match[2]]
        elif name and line.strip() and _get_indent(line) > 0:
            found[name].append(line.strip())
        else:
            name = None
    return {name: " ".join(filter(None, texts)) for name, texts in found.items()}


def read(text):
    """Returns the first paragraph, or None, and the descriptions of arguments by name."""
    lines = inspect.cleandoc(text or "").splitlines()
    descriptions = {**_read_google(lines), **_read_numpy(lines), **_read_sphinx(lines)}
    return _read_first_paragraph(lines), {name: description for name, description in descriptions.items() if description}
