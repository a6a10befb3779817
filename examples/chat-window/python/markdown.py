# SPDX-License-Identifier: LGPL-2.1-or-later
"""Renders Markdown as Pango markup, incrementally: a text that grows changes its last block only."""

import re
import unicodedata

from gi.repository import GLib

MAX_BLOCK = 2000  # characters; a longer block is split, so that each update has a bounded cost
MAX_COLUMN = 40   # characters; a longer cell of a table is not aligned

SPAN = re.compile(r"\\([!-/:-@\[-`{-~])"
                  r"|`([^`\n]+)`"
                  r"|\*\*\*([^*\n]+)\*\*\*"
                  r"|\*\*([^*\s](?:[^*\n]*[^*\s])?)\*\*|(?<!\w)__([^_\s](?:[^_\n]*[^_\s])?)__(?!\w)"
                  r"|\*([^*\s](?:[^*\n]*[^*\s])?)\*|(?<!\w)_([^_\s](?:[^_\n]*[^_\s])?)_(?!\w)"
                  r"|~~([^~\n]+)~~"
                  r"|!?\[([^\][\n]+)\]\((https?://[^\s()<>]+|mailto:[^\s()<>]+)\)"
                  r"|(https?://[^\s()<>*`\]]+)")
LIST_ITEM = re.compile(r"^(\s*)[-*+] +(?=\S)")
HEADING = re.compile(r"^(#{1,6}) +(.*)$")
HEADING_END = re.compile(r"(^| )#+$")
FENCE = re.compile(r"^ {0,3}(```+|~~~+)")
CELL_END = re.compile(r"(?<!\\)\|")
TAG_OR_ENTITY = re.compile("<[^>]*>|&[^;]*;")
RULE = re.compile(r"^ {0,3}(?:(?:- *){3,}|(?:\* *){3,}|(?:_ *){3,})$")


def escape(text):
    return GLib.markup_escape_text(text)


def render_span(match):
    escaped, code, both, bold, bold_too, italic, italic_too, struck, label, target, url = match.groups()
    if escaped:
        return escape(escaped)
    if code:
        return "<tt>%s</tt>" % escape(code)
    if both:
        return "<b><i>%s</i></b>" % render_line(both)
    if bold or bold_too:
        return "<b>%s</b>" % render_line(bold or bold_too)
    if italic or italic_too:
        return "<i>%s</i>" % render_line(italic or italic_too)
    if struck:
        return "<s>%s</s>" % render_line(struck)
    # A link within a link is not valid markup, so the label is plain text.
    return '<a href="%s">%s</a>' % (escape(target or url), escape(label or url))


def render_line(line):
    parts, end = [], 0
    for match in SPAN.finditer(line):
        parts += escape(line[end:match.start()]), render_span(match)
        end = match.end()
    return "".join(parts) + escape(line[end:])


def render_text(text):
    """The markup of a block that is not code."""
    lines = []
    for line in text.split("\n"):
        heading = HEADING.match(line)
        if heading:
            size = ("x-large", "large", "medium")[min(len(heading[1]), 3) - 1]
            lines.append('<span size="%s" weight="bold">%s</span>' % (size, render_line(HEADING_END.sub("", heading[2].rstrip()))))
        elif RULE.match(line):
            lines.append('<span alpha="40%">———</span>')
        elif line.startswith(">"):
            lines.append('<span alpha="65%%">▎ %s</span>' % render_line(line.lstrip("> ")))
        else:
            lines.append(render_line(LIST_ITEM.sub(r"\1  •  ", line)))
    return "\n".join(lines)


def is_row(line):
    return line.lstrip().startswith("|")


def is_table_rule(line):
    return "-" in line and not line.strip("|:- \t\r")


def read_cells(line):
    cells = [cell.strip().replace("\\|", "|") for cell in CELL_END.split(line.strip()[1:])]
    return cells if cells[-1] else cells[:-1]


def get_alignment(cell):
    """0 for the left, 1 for the right."""
    return (0.5 if cell.startswith(":") else 1) if cell.endswith(":") else 0


def get_width(markup):
    text = TAG_OR_ENTITY.sub(lambda match: "" if match[0].startswith("<") else "x", markup)
    return sum((unicodedata.east_asian_width(character) in "WF") + 1 for character in text if unicodedata.category(character) not in ("Mn", "Me", "Cf"))


def read_table(text, before):
    """The markup of the cells, and (width, alignment) of each column.  It begins with the columns of the block before."""
    lines = text.split("\n")
    if not before and (len(lines) < 2 or not is_table_rule(lines[1])):
        return [], []
    columns = list(before) or [(1, get_alignment(cell)) for cell in read_cells(lines.pop(1))]
    rows = [[render_line(cell) for cell in read_cells(line)] for line in lines]
    for row in rows:
        columns += [(1, 0)] * (len(row) - len(columns))
        for index, cell in enumerate(row):
            columns[index] = min(max(columns[index][0], get_width(cell)), MAX_COLUMN), columns[index][1]
    return rows, columns


def align_cell(cell, column):
    width, alignment = column
    space = max(width - get_width(cell), 0)
    before = int(space * alignment)
    return " " * before + cell + " " * (space - before)


def render_table(text, before):
    """A table that has no rule yet is shown as it is."""
    rows, columns = read_table(text, before)
    if not columns:
        return "<tt>%s</tt>" % render_line(text)
    lines = [" │ ".join(map(align_cell, row, columns)) for row in rows]
    if not before:
        lines[0] = "<b>%s</b>" % lines[0]
        lines.insert(1, "─┼─".join("─" * width for width, _alignment in columns))
    return "<tt>%s</tt>" % "\n".join(lines)


class Block:
    """A part of a text that one label shows: a code block, lines of a table, or other text up to an empty line."""

    def __init__(self, start, is_code, text, columns):
        self.start = start      # offset in the whole text
        self.is_code = is_code
        self.text = text
        self.columns = columns  # of the table that the block continues

    def to_markup(self):
        if self.is_code:
            return escape(self.text)
        return render_table(self.text, self.columns) if is_row(self.text) else render_text(self.text)


def split_lines(text, start):
    """(offset, line) of each line; long lines are split."""
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        while end - start > MAX_BLOCK:
            space = text.rfind(" ", start + 1, start + MAX_BLOCK)
            middle = space if space > 0 else start + MAX_BLOCK
            yield start, text[start:middle]
            start = middle
        yield start, text[start:end]
        start = end + 1


def split_blocks(text, start, fence=None, columns=()):
    """The blocks of the text from that offset, which is the beginning of a block, within the fence of a code block or not, or
    with the columns of the table that the block continues."""
    blocks, lines, first = [], [], start

    def flush(is_code):
        if lines and (is_code or "".join(lines).strip()):
            blocks.append(Block(first, fence if is_code else None, "\n".join(lines).rstrip() if is_code else "\n".join(lines), columns))
        lines.clear()

    size = 0
    for offset, line in split_lines(text, start):
        mark = FENCE.match(line)
        closes = fence and mark and line.strip().startswith(fence) and not line.strip().strip(fence[0])
        opens = not fence and mark
        in_table = lines and not fence and is_row(lines[0])
        changes = lines and not fence and is_row(line) != in_table
        if opens or closes or (not fence and not line.strip()) or size + len(line) > MAX_BLOCK or changes:
            flush(bool(fence))
            columns = read_table(blocks[-1].text, columns)[1] if in_table and is_row(line) else ()
            size = 0
            first = offset
        if opens:
            fence = mark[1]
        elif closes:
            fence = None
        elif fence or line.strip():
            if not lines:
                first = offset
            lines.append(line)
            size += len(line) + 1
    flush(bool(fence))
    return blocks


class Markdown:
    """The blocks of a text that changes."""

    def __init__(self):
        self.text = ""
        self.blocks = []

    def update(self, text):
        """Returns the number of blocks that are still the same."""
        stable = self.blocks[-1].start if self.blocks else 0
        if len(text) < len(self.text) or not text.startswith(self.text[:stable]):
            stable, self.blocks = 0, []
        last = self.blocks.pop() if self.blocks else None
        kept = len(self.blocks)
        self.blocks += split_blocks(text, stable, last.is_code if last else None, last.columns if last else ())
        self.text = text
        return kept
