#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the excerpts of documents in Python with the variables that they need, and checks those in formats of files and of
the shell.  Prints TAP.

usage: test-excerpts.py SOURCE-DIRECTORY MCP-SERVER SAMPLE...
"""

import ast
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import traceback

import excerpts
import gi
import yaml

gi.require_version("Gtk", "4.0")
gi.require_version("Oai", "1")
gi.require_version("OaiMock", "1")
gi.require_version("Soup", "3.0")
from gi.repository import GLib, Oai, OaiMock  # noqa: E402

BEGIN = """
import dataclasses, json, os, time
from typing import Annotated, Literal
from unittest.mock import Mock
from gi.repository import Gio, GLib, GObject, Oai, OaiMock, Soup

client = Oai.Client()
"""
TOOLSET = """
toolset = Oai.Toolset()
toolset.add_function("get_weather", "Returns the weather.", '{"type": "object", "properties": {}}', lambda call, *_: call.respond("31"))
"""
SESSION = "session = Oai.ChatSession.new(client, 'gpt-4o-mini')\n"
FILE = "file = Gio.File.new_for_path(os.path.abspath('conversation.json'))\n"
TOKEN_KEYS = """
with open(os.open("token-keys", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
    file.write(Oai.ProxyTokenIssuer.generate_key_line("1") + "\\n")
"""
RECIPE = """
class Recipe(GObject.Object):
    title = GObject.Property(type=str)

request = Oai.ChatRequest(model="gpt-4o-mini")
request.add_user_message("Soup")
request.set_response_type(Recipe)
"""
# These excerpts need a display, or a service of the desktop: they are compiled.
NOT_RUN = {("sessions.md", "A list view", 0), ("tool-sources.md", "A method of a D-Bus object", 0)}
# What runs before the excerpts of a section, and after them.
CONTEXTS = {
    ("README.md", "A proxy"): (TOKEN_KEYS, "assert server.list_addresses()"),
    ("bindings.md", "Python"): ("", "assert Oai.Client"),
    ("coming-from-openai-dotnet.md", "Proxy"): ("", """
request = Mock(spec=Oai.ProxyRequest)
for token in ("sess-user", "other"):
    request.get_token.return_value = token
    assert authenticate(None, request)
request.accept.assert_called_once()
request.refuse.assert_called_once()
"""),
    ("errors.md", "Errors"): ("""
client.settings.set_max_retries(0)
reply = OaiMock.Reply.new_error(429, "rate_limit", None, "Too fast")
reply.set_header("retry-after-ms", "1")
mock.push_reply(reply)
""", "assert call.get_status_code() == 429"),
    ("errors.md", "What is repaired"): ("", "client.models.list(None)"),
    ("mcp.md", "Tools for a model"): ("""
token = "token"
show_dialog = Mock()
session = Oai.ResponsesSession.new(Oai.Client(), "gpt-4o-mini")
toolset = Oai.McpToolset.new(Oai.McpClient.new_for_command(["true"]))
""", "assert toolset.approval == Oai.McpApproval.ALWAYS"),
    ("mcp.md", "Requests of the server"): ("show_form = show_question = Mock()", """
elicitation = Mock(spec=Oai.McpElicitation)
elicitation.get_message.return_value = elicitation.get_url.return_value = "https://example.org"
on_elicitation(client, elicitation)
on_url(client, elicitation)
assert show_form.call_count == 2
"""),
    ("keeping-conversations.md", "Several conversations"): (SESSION + FILE + """
session.send("Hello!")
session.save(file)
entry, Gtk = Mock(), Mock()
""", """
while len(store) == 0:
    GLib.MainContext.default().iteration(True)
for text, found in (("", True), (" ", True), ("HELLO", True), ("river", False)):
    entry.get_text.return_value = text
    assert matches(store[0]) == found, text
"""),
    ("local-servers.md", "What a model can do"): ("", "assert model"),
    ("local-servers.md", "Using a server"): ("""
profile = Oai.ServerProfile.find_for_base_url("https://api.openai.com/v1")
server = Mock(base_url=os.environ["OPENAI_BASE_URL"], get_server_profile=lambda: profile)
""", "assert client.settings.props.server_profile is profile and client.models.list()"),
    ("offline.md", "The state of the network"): ("""
class Button(GObject.Object):
    sensitive = GObject.Property(type=bool, default=True)

send_button = Button()
""", "assert send_button.sensitive == client.props.network_available"),
    ("proxy.md", "A back end"): (TOKEN_KEYS, "assert server.list_addresses()"),
    ("proxy.md", "The front end"): ("token = 'token'", ""),
    ("proxy.md", "A login"): ("", "assert token"),
    ("proxy.md", "Limits"): ("", ""),
    ("proxy.md", "Usage"): ("server = Oai.ProxyServer.new(client)", ""),
    ("proxy.md", "In a program"): ("server = Mock(spec=Oai.ProxyServer)\nhttp = Soup.Server()\n", """
server = Oai.ProxyServer.new(client)
message = Mock(spec=Soup.ServerMessage)
on_request(http, message, "/metrics", None)
message.set_response.assert_called_once()
"""),
    ("proxy.md", "Several servers"): ("", "assert server"),
    ("responses.md", "Chat completions or responses"): ("", ""),
    ("responses.md", "Streaming"): ("", "assert response.get_output_text()"),
    ("responses.md", "The next turn"): ("", ""),
    ("responses.md", "Functions of the program"): ("run_function = lambda name, arguments: '{}'", ""),
    ("responses.md", "Structured output"): ("", "assert set(city) == {'name', 'country'}"),
    ("responses.md", "Background"): ("", ""),
    ("responses.md", "Servers that keep no state"): ("", "client.responses.create(request)"),
    ("responses.md", "Errors and partial results"): ("stream = client.responses.create_stream(request)", "assert response"),
    ("sessions.md", "A list view"): (SESSION, "session.send('Hello!')"),
    ("sessions.md", "Approval"): (SESSION, ""),
    ("sessions.md", "Changing the history"): (SESSION + "session.send('Name a city.')", "assert len(session) == 2 and other[0].text == 'Name a city.'"),
    ("sessions.md", "Saving"): (SESSION + FILE + "toolset = Oai.Toolset()", "assert session.toolset is toolset and session.client is client"),
    ("sessions.md", "Cost and limits"): (SESSION, "session.send('Hello!')"),
    ("sessions.md", "Structured replies"): (SESSION + RECIPE, "assert recipe.title"),
    ("streaming.md", "Reading chunk by chunk"): (
        "request = Oai.ChatRequest(model='gpt-4o-mini')\nrequest.add_user_message('Hello!')\nstream = client.chat.create_stream(request)",
        "assert stream.dup_result()"),
    ("structured-output.md", "A class"): ("", "assert Recipe.find_property('steps')"),
    ("structured-output.md", "While it arrives"): (RECIPE, "assert recipe.title"),
    ("structured-output.md", "Dataclasses of Python"): (
        "request = Oai.ChatRequest(model='gpt-4o-mini')\nrequest.add_user_message('Soup')", "assert recipe.title"),
    ("tool-sources.md", "Actions"): ("""
application = Gio.SimpleActionGroup()
application.add_action(Gio.SimpleAction.new("dark-mode", None))
application.add_action(Gio.SimpleAction.new("quit", None))
""", ""),
    ("tool-sources.md", "A method of a D-Bus object"): ("", ""),
    ("tool-sources.md", "The properties of a class"): ("", "assert tool.get_name() == 'book_table'"),
    ("tool-sources.md", "An operation of the API"): ("window = Mock()", ""),
    ("tools.md", "Requests without a session"): (TOOLSET, "assert completion.get_text()"),
    ("tools.md", "Approval and limits"): (TOOLSET + "folder = '.'\nask_user = Mock()", "assert toolset.find('delete_file')"),
    ("tools.md", "Functions of Python"): (TOOLSET, "assert toolset.find('translate')"),
}
LANGUAGES = {"", "c", "ini", "js", "json", "meson", "python", "sh", "vala", "xml", "yaml"}
COMMANDS = {"cp", "gnome-extensions", "ldconfig", "meson", "oai-proxy", "systemctl"}

root, mcp_server = pathlib.Path(sys.argv[1]), sys.argv[2]
samples = sys.argv[3:]
mock = OaiMock.Server()


def run_code(code, name, line, namespace):
    compiled = compile("\n" * (line - 1) + code, name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    coroutine = eval(compiled, namespace)  # pylint: disable=eval-used
    if coroutine:
        Oai.run(coroutine)


def adapt(code):
    """Ports are free ones, nothing runs without end, and the command of a server exists."""
    for text, replacement in (("127.0.0.1:8080\"", "127.0.0.1:0\""), ("GLib.MainLoop().run()", ""),
                              (excerpts.MCP_COMMAND, repr([sys.executable, mcp_server])), ("(2000, -1)", "(1, -1)")):
        code = code.replace(text, replacement)
    return code


def run_python(blocks):
    """Runs the excerpts of a document, of which the later ones use variables of the earlier ones."""
    namespace = {"mock": mock, "print": lambda *_arguments, **_options: None, "__name__": "__main__"}
    exec(BEGIN, namespace)  # pylint: disable=exec-used
    headings = [block.heading for block in blocks]
    for number, block in enumerate(blocks):
        before, after = excerpts.find_context(block, CONTEXTS)
        index = headings[:number].count(block.heading)
        if index == 0:
            run_code(before, "before %s: %s" % (block.document, block.heading), 1, namespace)
        if (block.document, block.heading, index) in NOT_RUN:
            compile(block.code, block.document, "exec")
            continue
        run_code(adapt(block.code), block.document, block.line, namespace)
        if block.heading not in headings[number + 1:]:
            run_code(after, "after %s: %s" % (block.document, block.heading), 1, namespace)


def check_shell(blocks):
    """The commands exist, and so do the files and options of the tree that they name."""
    program = "".join(path.read_text(encoding="utf-8") for path in (root / "modules" / "proxy" / "program").glob("*.c"))
    for block in blocks:
        subprocess.run(["sh", "-n"], input=block.code, text=True, check=True)
        code = re.sub(r"#.*", "", block.code)
        for command in re.findall(r"^\s*([^\s=]+)|&&\s*(\S+)", code, re.MULTILINE):
            command = "".join(command)
            assert command in COMMANDS or (root / command).is_file(), (block, command)
        for path in re.findall(r"(?<![\w./-])(?:\.\./)?((?:examples|build-aux)/\S+)", code):
            source = {"examples/chat-window/c/oai-chat": "examples/chat-window/c/meson.build"}.get(path, path)
            assert (root / source).exists(), (block, path)
        for line in re.findall(r"^oai-proxy (.*)", code, re.MULTILINE):
            for option in re.findall(r"--([\w-]+)", line):
                assert '"%s"' % option in program, (block, option)


def check_key_files(blocks):
    program = "".join(path.read_text(encoding="utf-8") for path in (root / "modules" / "proxy" / "program").glob("*.c"))
    for block in blocks:
        file = GLib.KeyFile()
        assert file.load_from_data(block.code, len(block.code), GLib.KeyFileFlags.NONE), block
        for group in file.get_groups()[0]:
            assert '"%s"' % group.split()[0] in program, (block, group)
            for key in file.get_keys(group)[0]:
                assert '"%s"' % key in program, (block, key)


def check_json(blocks):
    for block in blocks:
        assert json.loads(block.code), block


def check_flatpak(blocks):
    """The manifest of the guide has the runtime and the module of the one in the tree, and no other permissions."""
    folder = root / "build-aux" / "flatpak"
    example = yaml.safe_load((folder / "org.example.OaiChat.yml").read_text(encoding="utf-8"))
    for block in blocks:
        manifest = yaml.safe_load(block.code)
        assert manifest["app-id"] and manifest["command"], manifest
        for member in ("runtime", "runtime-version", "sdk"):
            assert manifest[member] == example[member], (manifest[member], example[member])
        assert set(manifest["finish-args"]) <= set(example["finish-args"]), manifest["finish-args"]
        assert manifest["modules"][0] == example["modules"][0] and (folder / manifest["modules"][0]).is_file(), manifest["modules"]
        own = manifest["modules"][1]
        assert own["buildsystem"] in ("simple", "meson") and own["sources"], own
    module = yaml.safe_load((folder / "openai.yml").read_text(encoding="utf-8"))
    options = (root / "meson_options.txt").read_text(encoding="utf-8")
    for option in module["config-opts"]:
        name = option[2:].partition("=")[0]
        assert re.search(r"^option\('%s'" % name, options, re.MULTILINE), option


def check_languages(_blocks):
    """A code block in an unknown language would not be tested."""
    blocks = list(excerpts.find_excerpts(root, samples, None))
    assert len(blocks) > 100 and {block.language for block in blocks} <= LANGUAGES, {block.language for block in blocks} - LANGUAGES


def run_test(number, name, function, blocks):
    try:
        function(blocks)
        print("ok %d %s" % (number, name), flush=True)
        return 0
    except (Exception, SystemExit):
        print("not ok %d %s" % (number, name))
        print("\n".join("# " + line for line in traceback.format_exc().splitlines()), flush=True)
        return 1


def main():
    mock.start_in_thread()
    os.environ.update(OPENAI_BASE_URL=mock.get_base_url(), OPENAI_API_KEY="sk-test")
    blocks = list(excerpts.find_excerpts(root, samples, {"ini", "json", "python", "sh", "yaml"}))
    documents = sorted({block.document for block in blocks if block.language == "python"})
    tests = [("python-of-" + name, run_python, [block for block in blocks if (block.document, block.language) == (name, "python")])
             for name in documents]
    tests += [(function.__name__.replace("_", "-"), function, [block for block in blocks if block.language == language])
              for function, language in ((check_shell, "sh"), (check_key_files, "ini"), (check_json, "json"), (check_flatpak, "yaml"),
                                 (check_languages, None))]
    print("1..%d" % len(tests))
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        failures = sum(run_test(number, *details) for number, details in enumerate(tests, 1))
        os.chdir("/")
    mock.stop()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
