# SPDX-License-Identifier: LGPL-2.1-or-later
"""The command line of oai-codegen."""

import argparse
import glob
import os
import sys

from . import emit_endpoint, emit_methods, emit_streams, emit_types
from .diagnostics import Diagnostics
from .model import resolve
from .output import depfile, write_if_changed
from .parser import parse


def arguments(argv):
    parser = argparse.ArgumentParser(prog="oai-codegen", description="Compiles an API description into C.")
    parser.add_argument("description", help="the description, NAME.api")
    parser.add_argument("--depend", action="append", default=[], metavar="FILE",
                        help="description of a module that this one depends on; may be given several times")
    parser.add_argument("--beside", action="append", default=[], metavar="FILE",
                        help="description of a module that this one must not share names of types with; may be given several times")
    parser.add_argument("--output-dir", default=".", metavar="DIRECTORY", help="where the files go")
    parser.add_argument("--depfile", metavar="FILE", help="writes what the output depends on, for make and ninja")
    parser.add_argument("--module-version", metavar="VERSION", help="version of the module, for the descriptor; that of core by default")
    parser.add_argument("--in-tree", action="store_true",
                        help="the module is part of the library, whose <openai-1/openai.h> includes its headers")
    parser.add_argument("--check", action="store_true", help="only looks for errors")
    return parser.parse_args(argv)


def read(path, diagnostics):
    try:
        with open(path, encoding="utf-8") as file:
            return parse(path, file.read(), diagnostics)
    except UnicodeDecodeError as error:
        diagnostics.error(path, 1, 1, f"expected UTF-8: {error.reason}")
    except OSError as error:
        diagnostics.error(path, 1, 1, f"cannot be read: {error.strerror}")
    return None


def read_all(paths, diagnostics):
    return [file for file in (read(path, diagnostics) for path in paths) if file is not None]


def compile_files(options, diagnostics):
    """Returns the module, or None, and the paths of all files that were read."""
    file = read(options.description, diagnostics)
    depends = read_all(options.depend, diagnostics)
    others = read_all(options.beside, diagnostics)
    if file is None:
        return None, []
    module = resolve(file, depends, diagnostics, [other for other in others if other.module is not None],
                     options.in_tree, options.module_version)
    return module, [path for other in [file, *depends, *others] for path in other.paths]


def outputs(module, options):
    source = os.path.basename(options.description)
    stem = os.path.join(options.output_dir, f"oai-{module.name}")
    texts = {
        f"{stem}-types.h": emit_types.emit_header(module, source, options.in_tree),
        f"{stem}-types.c": emit_types.emit_source(module, source),
        f"{stem}-endpoint.h": emit_endpoint.emit_header(module, source, options.in_tree),
        f"{stem}-endpoint.c": emit_endpoint.emit_source(module, source, options.module_version),
        f"{stem}-methods-private.h": emit_methods.private_header(module, source),
    }
    if emit_streams.needs_private_header(module):
        texts[f"{stem}-streams-private.h"] = emit_streams.emit_private_header(module, source)
    return texts


def main(argv):
    options = arguments(argv)
    diagnostics = Diagnostics()
    module, paths = compile_files(options, diagnostics)
    if diagnostics.failed:
        sys.stderr.write(diagnostics.format())
        return 1
    if options.check:
        return 0
    texts = outputs(module, options)
    os.makedirs(options.output_dir, exist_ok=True)
    for path, text in texts.items():
        write_if_changed(path, text.rstrip("\n") + "\n")
    if options.depfile:
        compiler = glob.glob(os.path.join(os.path.dirname(os.path.abspath(__file__)), "*.py"))
        write_if_changed(options.depfile, depfile(texts, [*paths, *compiler]))
    return 0
