#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that core names nothing that belongs to one endpoint, and prints each string that does.

The strings are derived from the descriptions of the modules: paths of operations, names of endpoints, names of stream
events, and members of records.  A string literal of core must not be one of them, also not as the name of a member in
JSON text.  Names of properties and signals are not checked.

usage: check-core-names.py [SOURCE-DIRECTORY]
"""

import fnmatch
import glob
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from oaiapi.diagnostics import Diagnostics  # noqa: E402
from oaiapi.parser import parse  # noqa: E402

# Members that are the protocol of all endpoints; docs/architecture.md describes them.
PROTOCOL = {
    "error", "message", "code", "type", "param", "detail", "status", "reason", "title",  # of errors
    "id", "object", "data",                                                              # of objects and of lists
    "event", "index",                                                                    # of streams
}

# Words that are also members, and mean something else in these files.
OTHER_MEANINGS = {
    "auth/oai-key-file.c": {"key", "organization", "project"},  # entries of the file
    "auth/oai-auth.c": {"organization", "project"},       # properties that are copied
    "http/oai-adapter.c": {"model"},                      # refusals are remembered for a server and a model
    "http/oai-error-map.c": {"billing", "input", "model", "permission", "timeout"},  # parts of messages and of error types
    "http/oai-message-builder.c": {"authorization", "key", "token"},  # parts of the names of secret headers
    "http/oai-session-group.c": {"timeout"},              # property of sessions
    "local/oai-local-probe.c": {"owned_by", "/models"},   # the list by which servers on this machine are found
    "profile/oai-adaptation.c": {"key", "required"},      # an entry of a profile, and its value
    "profile/oai-server-profile.c": {"key"},
    "record/oai-field-files.c": {"file"},                 # name of a field type
    "settings/oai-settings.c": {"model"},                 # what a message calls the parameter
    "session/oai-saved-session.c": {  # members of the file
        "arguments", "instructions", "items", "model", "name", "output", "refusal", "role", "text", "version",
    },
    "upload/oai-input-file.c": {"audio", "image"},        # names of files
    "upload/oai-mime.c": {"svg"},                         # extension
}

PROPERTY = r'(?:g_param_spec_\w+|g_signal_new) \("[^"]*"|install_text \(\w+, \w+, "[^"]*"'
SKIPPED = re.compile(r'/\*.*?\*/|^\s*#\s*include[^\n]*|' + PROPERTY, re.DOTALL | re.MULTILINE)
LITERAL = re.compile(r"'(?:[^'\\]|\\.)+'|\"((?:[^\"\\\n]|\\.)*)\"")
MEMBER_IN_JSON = re.compile(r'\\"(\w+)\\" *:')

# Keywords of JSON Schema, which are not members of endpoints.
OF_FOLDER = {
    "schema": {"$defs", "$ref", "additionalProperties", "allOf", "anyOf", "array", "boolean", "const", "contains", "default", "definitions",
               "description", "enum", "format", "if", "integer", "items", "maximum", "minimum", "not", "null", "number", "object", "oneOf",
               "pattern", "properties", "required", "string", "type", "uri"},
    "tool": {"arguments", "description", "name", "parameters", "properties", "required", "result", "strict"},  # properties, results, schemas
}


class Names:
    """What the descriptions name, each with the kind of thing that it is."""

    def __init__(self, root):
        self.words = {}
        self.events = []  # patterns
        self.paths = []
        for folder in sorted(glob.glob(os.path.join(root, "modules", "*", ""))):
            path = os.path.join(folder, os.path.basename(os.path.dirname(folder)) + ".api")
            if not os.path.exists(path):
                continue
            with open(path, encoding="utf-8") as file:
                self.add_file(parse(path, file.read(), Diagnostics()))

    def add_file(self, file):
        for record in file.records:
            for field in record.fields:
                if field.member not in PROTOCOL:
                    self.words[field.member] = "the member of a record"
            for case in record.cases:
                if case.tag not in PROTOCOL:
                    self.words[case.tag] = "the tag of a record"
        for stream in file.streams:
            for event in stream.events:
                self.events += [name for name in event.names if name not in PROTOCOL]
        self.words[file.module.text] = "an endpoint"
        for endpoint in file.endpoints:
            for operation in endpoint.operations:
                self.paths.append("/%s/" % operation.path.text.split("{")[0].strip("/"))

    def find(self, text):
        """The kind of the text, or None."""
        if text in self.words:
            return self.words[text]
        if any(fnmatch.fnmatchcase(text, event) for event in self.events):
            return "a stream event"
        # Also as a part of an address, such as "/v1/models?limit=1".
        address = "/%s/" % re.split("[?#]", text)[0].strip("/")
        return "the path of an operation" if any(path in address for path in self.paths) else None


def read_literals(path):
    """The string literals of a source, with their lines."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    text = SKIPPED.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)
    for match in LITERAL.finditer(text):
        if match.group(1):
            line = text.count("\n", 0, match.start()) + 1
            yield line, match.group(1)
            for member in MEMBER_IN_JSON.findall(match.group(1)):
                yield line, member


def check(names, core):
    for directory, _folders, files in sorted(os.walk(core)):
        for name in sorted(files):
            path = os.path.join(directory, name)
            if not name.endswith((".c", ".h")):
                continue
            allowed = OTHER_MEANINGS.get(os.path.relpath(path, core).replace(os.sep, "/"), set())
            allowed = allowed | OF_FOLDER.get(os.path.basename(directory), set())
            for line, text in read_literals(path):
                kind = names.find(text) if text not in allowed else None
                if kind is not None:
                    yield path, line, '"%s" is %s' % (text, kind)


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    names = Names(root)
    problems = list(check(names, os.path.join(root, "libopenai-core")))

    for path, line, what in problems:
        print("%s:%d: %s" % (os.path.relpath(path, root), line, what))
    print("%d names, %d problems" % (len(names.words) + len(names.events) + len(names.paths), len(problems)))
    return 1 if problems or not names.words else 0


if __name__ == "__main__":
    sys.exit(main())
