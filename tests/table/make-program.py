#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Generates a C program from the C column of the guide, with a function for each row.

usage: make-program.py GUIDE.md OUTPUT.c
"""

import re
import sys

from table import find_names, read_rows

# The variables for the lines: name, type, and the expression of scope.h.
PREPARED = dict(line.split() for line in """
client OaiClient
models OaiModelsEndpoint
assistants OaiAssistantsEndpoint
threads OaiThreadsEndpoint
responses OaiResponsesEndpoint
conversations OaiConversationsEndpoint
chat OaiChatEndpoint
audio OaiAudioEndpoint
images OaiImagesEndpoint
files OaiFilesEndpoint
fine_tuning OaiFineTuningEndpoint
embeddings OaiEmbeddingsEndpoint
moderations OaiModerationsEndpoint
assistant OaiAssistant
assistant_id char
thread OaiThread
thread_id char
message OaiThreadMessage
message_id char
run OaiRun
run_id char
step OaiRunStep
step_id char
waiting_run OaiRun
outputs OaiRunToolOutputsRequest
file_id char
other_file_id char
training_file_id char
fine_tuned_model char
job_id char
response OaiResponse
response_id char
calling_response OaiResponse
background_id char
function_call OaiResponseFunctionCall
conversation OaiConversation
conversation_id char
item_id char
request OaiChatRequest
completion OaiChatCompletion
tool OaiChatTool
toolset OaiToolset
call OaiChatToolCall
image OaiImage
moderation_result OaiModerationResult
proxy_url char
""".split("\n") if line)

DECLARATION = re.compile(r"^(g_autoptr\(\w+\) |g_autofree char \*|const char \*|gboolean |(?:GPtrArray|Oai\w+) \*)(\w+)( =)?")


def quote(text):
    return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"')


def check_declared(declarations):
    """Checks that all declared variables have values, and that lists have items."""
    for kind, name, has_value in declarations:
        if has_value:
            yield "      g_assert_true (%s);" % name
        if kind == "g_autoptr(OaiPagedList) ":
            yield "      g_assert_cmpuint (oai_paged_list_get_n_loaded (%s), >, 0);" % name


def make_function(number, row):
    declarations = [match.groups() for match in map(DECLARATION.match, row.c) if match]
    declared = {name for _kind, name, _value in declarations}
    requests = "".join(quote(request) + ", " for request in row.requests)
    yield "/* %s */" % row.name
    yield "static void"
    yield "row_%d (Scope *scope)" % number
    yield "{"
    yield "  static const char *const requests[] = { %sNULL };" % requests
    yield "  g_autoptr(GError) error = NULL;"
    if row.example:
        yield "  G_GNUC_UNUSED gconstpointer example = scope_%s (scope);" % row.example
    for name in sorted((find_names(row.c) & set(PREPARED)) - declared):
        yield "  %s%s *%s = scope_%s (scope);" % ("const " if PREPARED[name] == "char" else "", PREPARED[name], name, name)
    yield ""
    yield "  scope_begin (scope);"
    yield "    {"
    yield from ("      " + line for line in row.c)
    yield "      g_assert_no_error (error);"
    yield from check_declared(declarations)
    yield "      scope_end (scope, requests);"
    if row.checks_credentials:
        yield "      scope_try (%s, %s);" % ("client" if "client" in declared else "NULL", "auth" if "auth" in declared else "NULL")
    yield "    }"
    yield "}"
    yield ""


def make_program(rows):
    yield "/* Made of the guide by make-program.py. */"
    yield ""
    yield '#include "scope.h"'
    yield ""
    for number, row in enumerate(rows):
        yield from make_function(number, row)
    yield "const ScopeRow scope_rows[] = {"
    for number, row in enumerate(rows):
        yield "  { %s, %s, %s, row_%d }," % (quote(row.name), quote(row.version), "TRUE" if row.finished else "FALSE", number)
    yield "  { NULL, NULL, FALSE, NULL }"
    yield "};"


if __name__ == "__main__":
    with open(sys.argv[2], "w", encoding="utf-8") as output:
        output.writelines(line + "\n" for line in make_program(read_rows(sys.argv[1])))
