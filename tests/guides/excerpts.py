#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes a file from the excerpts in documents in C, JavaScript or Vala, each in a function with the variables it needs.

usage: excerpts.py SOURCE-DIRECTORY c|js|vala OUTPUT SAMPLE...

The samples are the code blocks that are whole programs, as DOCUMENT:HEADING:LANGUAGE: each is the first one below its heading.
"""

import collections
import pathlib
import re
import sys

FOLDERS = ("introspection/docs", "docs", ".", "examples", "examples/chat-window", "examples/gnome-shell", "examples/third-party")
MCP_COMMAND = '["mcp-server-files", "/home/me/Documents"]'

Block = collections.namedtuple("Block", "document heading language line code")

# What precedes the function, its type and arguments, and what follows the code in it.
C = {
    ("coming-from-openai-dotnet.md", "Proxy"): (),
    ("errors.md", "What is repaired"): ("", "void", "OaiSettings *settings"),
    ("keys.md", "Moving keys from plain text"): (),
    ("local-servers.md", "Using a server"): ("", "void", "OaiLocalServer *server"),
    ("local-servers.md", "What a model can do"): (),
    ("mcp.md", "Tools for a model"): ("", "void", "OaiMcpClient *client, OaiToolset *all"),
    ("offline.md", "The state of the network"): ("", "void", "OaiClient *client, GObject *send_button"),
    ("proxy.md", "A back end"): ("const char *find_user (const char *token);", "gboolean", "void", "return TRUE;"),
    ("responses.md", "Chat completions or responses"): ("", "void", "OaiResponsesEndpoint *responses"),
    ("responses.md", "Functions of the program"): ("char *run_function (const char *name, const char *arguments);",),
    ("responses.md", "Images and files"): ("", "void", "OaiResponseRequest *request, GFile *file"),
    ("streaming.md", "Signals"): ("void append_text (gpointer label, const char *text);\nvoid show_error (const GError *error);",
                                  "void", "OaiChatEndpoint *chat, OaiChatRequest *request, GObject *label, GCancellable *cancellable"),
    ("structured-output.md", "A class"): ("#define RECIPE_TYPE G_TYPE_OBJECT\n#define RECIPE(object) G_OBJECT (object)", "void",
                                          "OaiChatEndpoint *chat, OaiChatRequest *request, OaiChatCompletion *completion, GObject *recipe"),
    ("tool-sources.md", "A method"): ("", "void", "GObject *weather"),
}

# The arguments of the function; a class needs none.
VALA = {
    ("local-servers.md", "Using a server"): "Oai.LocalServer server",
    ("offline.md", "The state of the network"): "Oai.Client client, Object send_button",
    ("structured-output.md", "A class"): "",
    ("tools.md", "Methods of Vala"): "Oai.Toolset toolset, Weather weather",
}
VALA_BEGIN = """const string SCHEMA = "{\\"type\\":\\"object\\",\\"properties\\":{}}";

class Weather : Object {
    public void get_weather (Oai.ToolCall call) {
        call.respond ("{}");
    }

    public async void get_forecast (Oai.ToolCall call) {
        call.respond ("{}");
    }
}
"""

# What precedes the code in its function.
JS = {
    ("local-servers.md", "Using a server"): "const server = {base_url: GLib.getenv('OPENAI_BASE_URL')};",
    ("mcp.md", "Tools for a model"): "const client = Oai.McpClient.new_for_command(ARGV, null);",
    ("offline.md", "The state of the network"): "const client = Oai.Client.new(null, null); const sendButton = new Button();",
    ("responses.md", "WebSocket"): "const client = Oai.Client.new(null, null);",
    ("streaming.md", "Reading chunk by chunk"):
        "const client = Oai.Client.new(null, null); const request = Oai.ChatRequest.new('gpt-4o-mini');"
        " request.add_user_message('Hello!'); const stream = client.chat.create_stream(request);",
    ("structured-output.md", "A class"): "const Step = GObject.registerClass(class Step extends GObject.Object {});",
}
JS_BEGIN = """import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Oai from 'gi://Oai?version=1';

const Button = GObject.registerClass({
    Properties: {sensitive: GObject.ParamSpec.boolean('sensitive', null, null, GObject.ParamFlags.READWRITE, true)},
}, class Button extends GObject.Object {});
const loop = GLib.MainLoop.new(null, false);
let status = 1;

const print = printerr; // the last line is compared

async function run() {
"""
JS_END = """}

run().then(() => {
    globalThis.print('The excerpts run.');
    status = 0;
}, logError).finally(() => loop.quit());
loop.run();
imports.system.exit(status);
"""


def read_blocks(path):
    """The code blocks of a document."""
    heading, code, language, start = "", None, "", 0
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        fence = re.match(r"\s*```(\S*)", line)
        if fence and code is None:
            language, start, code = fence[1], number + 1, []
        elif fence:
            yield Block(path.name, heading, language, start, "\n".join(code) + "\n")
            code = None
        elif code is not None:
            code.append(line)
        elif line.startswith("#"):
            heading = line.lstrip("# ")


def find_excerpts(root, samples, languages):
    """The code blocks that are not whole programs; languages can be None for all."""
    seen = set()
    for path in (path for folder in FOLDERS for path in sorted((pathlib.Path(root) / folder).glob("*.md"))):
        for block in read_blocks(path):
            key = "%s:%s:%s" % (block.document, block.heading, block.language)
            if (languages is None or block.language in languages) and (key in seen or key not in samples):
                yield block
            seen.add(key)


def find_context(block, contexts):
    context = contexts.get((block.document, block.heading))
    if context is None:
        sys.exit("%s:%d: the excerpt is not tested: excerpts.py has no context for “%s”" % (block.document, block.line, block.heading))
    return context


def write_c(blocks):
    """The code up to the last function is outside of the function, and its functions are renamed."""
    text = "#include <openai-1/openai.h>\n"
    for number, block in enumerate(blocks):
        context = find_context(block, C)
        before, kind, arguments, after = context + ("", "void", "void", "")[len(context):]
        top, end, body = block.code.rpartition("\n}\n")
        names = re.findall(r"^(\w+) \(", top, re.MULTILINE)
        text += "\n%s\n%s" % (before, "".join("#define %s %s_%d\n" % (name, name, number) for name in names))
        text += "#line %d \"%s\"\n%s%s" % (block.line, block.document, top, end)
        text += "static %s\nexcerpt_%d (%s)\n{\n  g_autoptr(GError) error = NULL;\n" % (kind, number, arguments)
        text += "#line %d \"%s\"\n%s%s\n}\n" % (block.line + (top + end).count("\n"), block.document, body, after)
        text += "".join("#undef %s\n" % name for name in names)
    return text


def write_vala(blocks):
    text = VALA_BEGIN
    for number, block in enumerate(blocks):
        arguments = find_context(block, VALA)
        code = block.code if not arguments else "void run (%s) throws Error {\n%s}\n" % (arguments, block.code)
        text += "\n// %s:%d\nnamespace Excerpt%d {\n%s}\n" % (block.document, block.line, number, code)
    return text


def write_js(blocks):
    """A statement without its block is completed by printing the value."""
    text = JS_BEGIN
    for block in blocks:
        if block.code.startswith("import "):
            continue  # all samples begin with it
        code = block.code.replace("\n    …\n", "\n    print(chunk.to_json());\n")
        text += "    // %s:%d\n    await (async () => {\n%s\n%s    })();\n" % (block.document, block.line, find_context(block, JS), code)
    return text + JS_END


def main():
    root, language, output, *samples = sys.argv[1:]
    blocks = list(find_excerpts(root, samples, {language}))
    text = {"c": write_c, "js": write_js, "vala": write_vala}[language](blocks)
    pathlib.Path(output).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
