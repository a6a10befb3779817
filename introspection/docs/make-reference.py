#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs gi-docgen, and adds the sources to the reference: a page for each file to which the reference has links.

usage: make-reference.py Oai-1.gir SOURCE_DIR BUILD_DIR README.md OUTPUT_DIR COMMAND...

The pages are in OUTPUT_DIR/source.  The names of files in the GIR are relative to SOURCE_DIR, or to BUILD_DIR if they
are generated.  The links in README.md, a page of the reference, are relative to OUTPUT_DIR.
"""

import html
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import TextLexer, get_lexer_for_filename
from pygments.util import ClassNotFound

CORE = "{http://www.gtk.org/introspection/core/1.0}"
FORMATTER = HtmlFormatter(linespans="L", wrapcode=True)
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="{root}source.css">
</head>
<body>
<h1>{title}</h1>
<p><a href="{root}../index.html">Reference</a> · <a href="{root}index.html">All files</a></p>
{body}
</body>
</html>
"""
STYLE = """body { margin: 1em 2em; font-family: sans-serif; }
h1 { font-size: 1.2em; }
:target { background: Mark; }
:root { color-scheme: light dark; }
"""


def files_of_gir(gir):
    positions = (CORE + "source-position", CORE + "doc")
    return {element.get("filename") for element in ElementTree.parse(gir).iter()
            if element.tag in positions and element.get("filename")}


def files_of_readme(readme, source_dir):
    """The files to which README.md has links, and those in the folders to which it has links."""
    with open(readme, encoding="utf-8") as file:
        targets = re.findall(r"\]\(source/(?:index\.html#(\S+?)|(\S+?)\.html)\)", file.read())
    for folder, path in targets:
        if path:
            yield path
        for place, folders, names in os.walk(os.path.join(source_dir, folder)) if folder else ():
            folders[:] = [name for name in folders if not name.startswith(("_", "."))]
            yield from (os.path.relpath(os.path.join(place, name), source_dir) for name in names)


def read_text(path, folders):
    """The text of a source file, or None if it is an image or the like."""
    for folder in folders:
        try:
            with open(os.path.join(folder, path), encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            continue
        except UnicodeDecodeError:
            return None
    sys.exit("%s: the file does not exist" % path)


def write_page(output_dir, path, title, body):
    page = os.path.join(output_dir, path)
    os.makedirs(os.path.dirname(page), exist_ok=True)
    with open(page, "w", encoding="utf-8") as file:
        file.write(PAGE.format(title=html.escape(title), root="../" * path.count("/"), body=body))


def lexer_of(path):
    try:
        return get_lexer_for_filename(path)
    except ClassNotFound:
        return TextLexer()


def write_index(output_dir, paths):
    lines = []
    folder = None
    for path in sorted(paths, key=lambda path: (os.path.dirname(path), path)):
        if os.path.dirname(path) != folder:
            folder = os.path.dirname(path)
            lines.append('</ul>\n<h2 id="%s">%s</h2>\n<ul>' % (html.escape(folder), html.escape(folder or ".")))
        lines.append('<li><a href="%s.html">%s</a></li>' % (html.escape(path), html.escape(os.path.basename(path))))
    write_page(output_dir, "index.html", "Sources", "\n".join(lines).replace("</ul>\n", "", 1) + "\n</ul>")


def write_style(output_dir):
    dark = HtmlFormatter(style="native").get_style_defs()
    with open(os.path.join(output_dir, "source.css"), "w", encoding="utf-8") as file:
        file.write(STYLE + FORMATTER.get_style_defs())
        file.write("\n@media (prefers-color-scheme: dark) {\n%s\n}\n" % dark)


def main():
    gir, source_dir, build_dir, readme, output_dir, *command = sys.argv[1:]
    if subprocess.run(command, check=False).returncode != 0:
        sys.exit(1)
    output_dir = os.path.join(output_dir, "source")
    texts = {path: read_text(path, (source_dir, build_dir))
             for path in files_of_gir(gir) | set(files_of_readme(readme, source_dir))}
    texts = {path: text for path, text in texts.items() if text is not None}
    for path, text in texts.items():
        write_page(output_dir, path + ".html", path, highlight(text, lexer_of(path), FORMATTER))
    write_index(output_dir, texts)
    write_style(output_dir)


if __name__ == "__main__":
    main()
