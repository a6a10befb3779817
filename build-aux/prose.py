# SPDX-License-Identifier: LGPL-2.1-or-later
"""Finds terms in prose that CONTRIBUTING.md replaces with others.

Prose is what people read: comments, documentation and messages. Code, quoted text and names are not prose.
"""

import ast
import io
import re
import tokenize

TABLE_HEAD = "| not | but | except in |"
# Prose keeps its position in the file: all other text becomes blanks.
C_TOKEN = re.compile(r"""/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`""", re.DOTALL)
HASH_TOKEN = re.compile(r"""(?<!\S)#[^\n]*|'''.*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.DOTALL)
DESCRIPTION = re.compile(r"^ *(?:///|#)[^\n]*", re.MULTILINE)
MESSAGE = re.compile(r"""(?:\b[NC]?_|\bg_(?:print|printerr|debug|info|message|warning|critical|error|test_skip)) ?\(\s*$""")
CODE = re.compile(r"```.*?```|~~~.*?~~~|\|\[.*?\]\||`[^`]*`|\"[^\"\n]*\"|“[^”]*”|<!--.*?-->|\w+://\S+|\[[a-z]+@[^\]]*\]",
                  re.DOTALL)


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def keep(text, spans):
    """The text with everything outside of the spans replaced with blanks."""
    result, position = [], 0
    for start, end in spans:
        result += [blank(text[position:start]), text[start:end]]
        position = end
    return "".join(result) + blank(text[position:])


def find_c(text):
    """Comments, and the strings of messages; a string that follows a message continues it."""
    end_of_message = None
    for match in C_TOKEN.finditer(text):
        if match.group().startswith(("/*", "//")):
            yield match.span()
        elif match.group().startswith('"'):
            continues = end_of_message is not None and not text[end_of_message:match.start()].strip()
            if continues or MESSAGE.search(text, max(0, match.start() - 80), match.start()):
                yield match.start() + 1, match.end() - 1
                end_of_message = match.end()


def find_python(text):
    """Comments, and the strings that stand alone, which are documentation."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    spans = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            spans.append((starts[token.start[0] - 1] + token.start[1], starts[token.end[0] - 1] + token.end[1]))
    lines = text.splitlines(keepends=True)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            ends = lines[node.end_lineno - 1].encode()[:node.end_col_offset].decode()
            start, end = starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + len(ends)
            quotes = 3 if text.startswith('"""', start) else 1
            spans.append((start + quotes, end - quotes))
    return sorted(spans)


def find_hash(text):
    return [match.span() for match in HASH_TOKEN.finditer(text) if match.group().startswith("#")]


def extract(path, text):
    """Everything of a file that is prose, at its position; None for files that have no prose."""
    first = text.partition("\n")[0]
    if path.endswith(".md") or path.endswith("NEWS"):
        return text
    if path.endswith((".c", ".h", ".h.in", ".js", ".vala")):
        return keep(text, find_c(text))
    if path.endswith(".py") or first.startswith("#!") and "python" in first:
        return keep(text, find_python(text))
    if path.endswith(".api"):
        return keep(text, (match.span() for match in DESCRIPTION.finditer(text)))
    if path.endswith((".build", ".toml.in", ".sh", ".supp", "meson_options.txt")) or first.startswith("#!"):
        return keep(text, find_hash(text))
    return None


def split_cell(cell):
    return [term for term in (part.strip() for part in cell.split(",")) if term]


def read_terms(contributing):
    """The rows of the table as (words of each term, pattern of the terms, replacement, pattern of the exceptions or None)."""
    _before, _head, table = contributing.partition(TABLE_HEAD)
    for line in table.splitlines()[2:]:
        if not line.startswith("|"):
            break
        terms, replacement, exceptions = (cell.strip() for cell in line.strip("|").split("|"))
        words = [set(term.lower().split()) for term in split_cell(terms)]
        yield words, compile_terms(split_cell(terms)), replacement, compile_terms(split_cell(exceptions))


def compile_terms(terms):
    """Words of a term may stand on two lines, with the asterisk or the slashes of a comment between."""
    words = [r"[\s*/#]+".join(re.escape(word) for word in term.split()) for term in terms]
    return re.compile(r"(?<![\w@%%#$./:-])(?:%s)(?![\w(]|-\w|\.\w)" % "|".join(words), re.IGNORECASE) if words else None


def find_terms(path, text, terms):
    """Yields line, term and replacement."""
    prose = extract(path, text)
    if prose is None:
        return
    prose = CODE.sub(lambda match: blank(match.group()), prose)
    start = prose.find(TABLE_HEAD)
    if start >= 0:
        end = prose.find("\n\n", start)
        prose = prose[:start] + blank(prose[start:end]) + prose[end:]
    # Most terms are ruled out by their words, which is much faster than the pattern.
    present = set(re.findall(r"\w+", prose.lower()))
    for words, pattern, replacement, exceptions in terms:
        if not any(term <= present for term in words):
            continue
        allowed = exceptions.sub(lambda match: blank(match.group()), prose) if exceptions else prose
        for match in pattern.finditer(allowed):
            yield allowed.count("\n", 0, match.start()) + 1, match.group(), replacement
