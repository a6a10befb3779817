#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Uses a version of the chat window as a person does who has a screen reader and a keyboard: widgets are found by their role
and name, and keys are typed.  Prints TAP.

usage: test-chat-accessible.py TRANSLATIONS-DIRECTORY PROGRAM [ARGUMENT...] [-- OTHER-PROGRAM [ARGUMENT...]]

The other program reads the conversations that the first one has saved, and the first one those of the other.
"""

import atexit
import collections
import http.client
import http.server
import json
import os
import pathlib
import re
import socketserver
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback

WIDTH, HEIGHT = 1000, 700
APP_ID = "org.example.OaiChat"
# The numbers of AT-SPI.
ROLES = {7: "check box", 11: "combo box", 23: "frame", 29: "label", 31: "list", 32: "list item", 35: "menu item", 40: "password text", 43: "push button",
         51: "slider", 61: "text", 62: "toggle button", 79: "entry"}
STATES = {"EXPANDED": 10, "FOCUSED": 12, "SELECTED": 23, "VISIBLE": 30}
KEY_PRESS, KEY_RELEASE, KEY_SYMBOL, KEY_STRING = 0, 1, 3, 4
INTERACTIVE = {"push button", "toggle button", "check box", "combo box", "entry", "password text", "text", "list", "menu item", "slider"}
SHIFT, CONTROL = 1, 4
MODIFIERS = {CONTROL: 37, SHIFT: 50}     # codes of the keyboard of Xvfb
KEYS = {"Return": 0xff0d, "Escape": 0xff1b, "Tab": 0xff09, "F9": 0xffc6, "Down": 0xff54, "Delete": 0xffff, "comma": 0x2c}
TESTS = []

work = tempfile.TemporaryDirectory(prefix="chat-")
root = pathlib.Path(work.name)


def test(function):
    TESTS.append(function)
    return function


def skip(reason):
    print("1..0 # SKIP %s" % reason)
    sys.exit(0)


def start_process(command, **options):
    try:
        process = subprocess.Popen(command, **options)
    except FileNotFoundError:
        skip("there is no program %s" % command[0])
    atexit.register(lambda: (process.terminate(), process.wait()))
    return process


def start_desktop():
    """Starts an X server whose screen is a file, and a bus for the program and for the accessibility service."""
    for name in ("data", "config", "cache", "run", "screen", "documents"):
        (root / name).mkdir(mode=0o700)
    (root / "config" / "user-dirs.dirs").write_text('XDG_DOCUMENTS_DIR="%s"\n' % (root / "documents"))
    reader, writer = os.pipe()
    start_process(["Xvfb", "-displayfd", str(writer), "-screen", "0", "%dx%dx24" % (WIDTH, HEIGHT), "-fbdir", str(root / "screen"),
                   "-nolisten", "tcp", "-noreset"], pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        os.environ["DISPLAY"] = ":" + pipe.readline().strip()
    os.environ.update({
        "GDK_BACKEND": "x11", "GSK_RENDERER": "cairo", "GTK_A11Y": "atspi", "GSETTINGS_BACKEND": "memory", "ADW_DISABLE_PORTAL": "1",
        "XDG_DATA_HOME": str(root / "data"), "XDG_CONFIG_HOME": str(root / "config"), "XDG_CACHE_HOME": str(root / "cache"),
        "XDG_RUNTIME_DIR": str(root / "run"), "SECRET_BACKEND": "file", "SECRET_FILE_TEST_PATH": str(root / "keyring"),
        "SECRET_FILE_TEST_PASSWORD": "test", "OPENAI_API_KEY": "sk-test", "OAI_CHAT_LOCALE_DIR": str(root / "locale"),
        "OAI_CHAT_SINK": "audioconvert ! fakesink sync=false", "OAI_CHAT_SOURCE": "audiotestsrc is-live=true",
    })
    # The accessibility service needs the display.
    bus = start_process(["dbus-daemon", "--session", "--print-address", "--nofork"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    os.environ["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()


def install_translations(directory):
    """Also one in Arabic, so that GTK writes from right to left."""
    arabic = root / "ar.po"
    arabic.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Send"\nmsgstr "إرسال"\n', encoding="utf-8")
    for path in (pathlib.Path(directory) / "de.po", arabic):
        target = root / "locale" / path.stem / "LC_MESSAGES"
        target.mkdir(parents=True)
        subprocess.run(["msgfmt", "-o", str(target / "oai-chat.mo"), str(path)], check=True)


if len(sys.argv) < 3:
    sys.exit(__doc__)
if not os.path.exists("/usr/share/dbus-1/services/org.a11y.Bus.service"):
    skip("there is no accessibility service")
start_desktop()
install_translations(sys.argv[1])

import gi  # noqa: E402

gi.require_version("OaiMock", "1")
from gi.repository import Gio, GLib, OaiMock  # noqa: E402

arguments = sys.argv[2:]
split = arguments.index("--") if "--" in arguments else len(arguments)
PROGRAM = arguments[:split]
OTHER_PROGRAM = arguments[split + 1:] or PROGRAM
mock = OaiMock.Server()


class LocalServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """A server of models on a UNIX socket, as llama.cpp has one."""
    daemon_threads = True


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = json.dumps({"object": "list", "data": [{"id": name, "object": "model", "created": 1, "owned_by": "llamacpp"} for name in ("gemma", "qwen")]})
        self.send_response(200 if self.path.endswith("/models") else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_arguments):
        pass

    def address_string(self):
        return "local"


# What the program shows

class Accessibility:
    """The bus of the accessibility service."""

    def __init__(self):
        session = Gio.bus_get_sync(Gio.BusType.SESSION)
        try:
            address = session.call_sync("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", None, None, Gio.DBusCallFlags.NONE, -1, None)
        except GLib.Error as error:
            skip("there is no accessibility service: " + error.message)
        self.bus = Gio.DBusConnection.new_for_address_sync(
            address.unpack()[0], Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)

    def call(self, name, path, interface, method, arguments=None):
        reply = self.bus.call_sync(name, path, interface, method, arguments, None, Gio.DBusCallFlags.NONE, 10000, None)
        return reply.unpack()

    def press(self, code, text, kind):
        self.call("org.a11y.atspi.Registry", "/org/a11y/atspi/registry/deviceeventcontroller", "org.a11y.atspi.DeviceEventController",
                  "GenerateKeyboardEvent", GLib.Variant("(isu)", (code, text, kind)))

    def find_application(self, pid):
        """The name of the process on the bus."""
        children = self.call("org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root", "org.a11y.atspi.Accessible", "GetChildren")[0]
        for name, _path in children:
            if self.call("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "GetConnectionUnixProcessID", GLib.Variant("(s)", (name,)))[0] == pid:
                return name
        return None

    def list_children(self, name, paths):
        """The children of several objects, with all requests sent before the first reply."""
        replies = {}

        def done(bus, result, path):
            try:
                replies[path] = [child for _name, child in bus.call_finish(result).unpack()[0]]
            except GLib.Error:
                replies[path] = []  # it has vanished

        for path in paths:
            self.bus.call(name, path, "org.a11y.atspi.Accessible", "GetChildren", None, None, Gio.DBusCallFlags.NONE, 10000, None, done, path)
        while len(replies) < len(paths):
            GLib.MainContext.default().iteration(True)
        return replies

    def read_tree(self, name):
        """The objects of a program, as a tree.  GTK creates them when the children of their parents are listed."""
        top = "/org/a11y/atspi/accessible/root"
        children, level = {}, [top]
        while level:
            replies = self.list_children(name, level)
            children.update(replies)
            level = [child for path in level for child in replies[path]]
        items = self.call(name, "/org/a11y/atspi/cache", "org.a11y.atspi.Cache", "GetItems")[0]
        nodes = {item[0][1]: Node(self, name, item) for item in items}
        for path, node in nodes.items():
            node.children = [nodes[child] for child in children.get(path, ()) if child in nodes]
        return nodes[top]


class Node:
    """An accessible object, as it was when it was read."""

    def __init__(self, accessibility, bus_name, item):
        self.accessibility = accessibility
        self.bus_name = bus_name
        self.path = item[0][1]
        self.interfaces = {interface.rpartition(".")[2] for interface in item[5]}
        self.name = item[6]
        self.role = ROLES.get(item[7], "other")
        self.states = item[9][0] | item[9][1] << 32
        self.children = []

    def walk(self):
        """The node and those in it that are visible."""
        yield self
        for child in self.children:
            if child.states & 1 << STATES["VISIBLE"]:
                yield from child.walk()

    def has_state(self, name):
        return bool(self.states & 1 << STATES[name])

    def call(self, interface, method, arguments=None):
        return self.accessibility.call(self.bus_name, self.path, "org.a11y.atspi." + interface, method, arguments)

    def is_focused(self):
        low, high = self.call("Accessible", "GetState")[0]
        return bool((low | high << 32) & 1 << STATES["FOCUSED"])

    def get_text(self):
        count = self.accessibility.call(self.bus_name, self.path, "org.freedesktop.DBus.Properties", "Get",
                                        GLib.Variant("(ss)", ("org.a11y.atspi.Text", "CharacterCount")))[0]
        return self.call("Text", "GetText", GLib.Variant("(ii)", (0, count)))[0]

    def set_text(self, text):
        self.call("EditableText", "SetTextContents", GLib.Variant("(s)", (text,)))

    def click(self):
        """The first action of buttons is “click”."""
        assert self.call("Action", "GetName", GLib.Variant("(i)", (0,)))[0] == "click", self
        assert self.call("Action", "DoAction", GLib.Variant("(i)", (0,)))[0], self

    def get_extents(self):
        """x, y, width and height in the window."""
        return self.call("Component", "GetExtents", GLib.Variant("(u)", (1,)))[0]

    def __repr__(self):
        return "%s “%s”" % (self.role, self.name)


def wait_for(function, reason, seconds=10):
    """Waits until a function returns something; returns it."""
    end = time.monotonic() + seconds
    while True:
        try:
            result = function()
        except GLib.Error:
            result = None   # an object has vanished
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError("timeout: %s" % (reason() if callable(reason) else reason))
        time.sleep(0.01)


class Application:
    def __init__(self, command, language="en"):
        environment = dict(os.environ, OPENAI_BASE_URL=mock.get_base_url(), LANGUAGE=language)
        self.log = open(root / "log", "w+", encoding="utf-8")
        self.process = start_process(command, env=environment, stderr=self.log)
        self.name = wait_for(lambda: self.is_running() and accessibility.find_application(self.process.pid), self.read_log, 30)
        wait_for(lambda: self.get_windows(), "there is no window")

    def is_running(self):
        assert self.process.poll() is None, self.read_log()
        return True

    def get_windows(self):
        return accessibility.read_tree(self.name).children

    def get_window(self):
        """The newest window: a dialog, if there is one."""
        return self.get_windows()[-1]

    def read_log(self):
        self.log.seek(0)
        return self.log.read()

    def find_all(self, role, name=None, inside=None):
        """The visible objects with a role, also in a list."""
        top = self.get_window()
        if inside:
            top = next((node for node in top.walk() if node.role == "list" and node.name == inside), top)
        return [node for node in top.walk() if node.role == role and (name is None or re.fullmatch(name, node.name, re.DOTALL))]

    def find(self, role, name, inside=None):
        return wait_for(lambda: self.find_all(role, name, inside), lambda: "no %s “%s” in:\n%s" % (role, name, self.describe()))[0]

    def click(self, name, role="push button"):
        self.find(role, name).click()

    def describe(self):
        return "\n".join(str(node)[:200] for node in self.get_window().walk() if node.name)

    def get_messages(self):
        return "\n".join(node.name for node in self.find_all("label", None, "Messages"))

    def wait_messages(self, pattern):
        return wait_for(lambda: re.search(pattern, self.get_messages(), re.DOTALL), lambda: "no “%s” in:\n%s" % (pattern, self.get_messages()))

    def wait_until_idle(self):
        self.find("push button", "Send")

    def type(self, text):
        accessibility.press(0, text, KEY_STRING)

    def press(self, key, modifiers=0):
        held = [code for bit, code in MODIFIERS.items() if modifiers & bit]
        for code in held:
            accessibility.press(code, "", KEY_PRESS)
        accessibility.press(KEYS.get(key) or ord(key), "", KEY_SYMBOL)
        for code in reversed(held):
            accessibility.press(code, "", KEY_RELEASE)

    def send(self, text):
        """Enters a message, and sends it with the keyboard."""
        entry = self.find("text", "Message")
        assert entry.has_state("FOCUSED")
        entry.set_text(text)
        self.press("Return")

    def close(self):
        self.press("w", CONTROL)
        assert self.process.wait(20) == 0, self.process.returncode
        log = self.read_log()
        assert "CRITICAL" not in log and "WARNING **" not in log and "Sanitizer" not in log, log


def get_pixels():
    """The rows of the screen with the format BGRX, from the dump of the X server."""
    data = (root / "screen" / "Xvfb_screen0").read_bytes()
    header = struct.unpack(">25I", data[:100])
    begin = header[0] + header[19] * 12
    return data[begin:begin + header[12] * HEIGHT], header[12]


def make_events(*deltas, reason="stop"):
    reply = OaiMock.Reply.new_events()
    for delta in (*deltas, {}):
        reply.add_event(None, json.dumps({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "gpt-4o-mini",
                                          "choices": [{"index": 0, "delta": delta, "finish_reason": None if delta else reason}]}))
    reply.add_event(None, "[DONE]")
    return reply


app = None
accessibility = None


def read_conversations():
    return [json.loads(file.read_text()) for file in (root / "data" / APP_ID).glob("*.json")]


@test
def everything_interactive_has_a_name():
    app.find("combo box", "Model")
    unnamed = [node for node in app.get_window().walk() if node.role in INTERACTIVE and (not node.name or node.name.startswith(("Gtk", "Adw")))]
    # GtkDropDown contains a toggle button.
    unnamed = [node for node in unnamed if node.name != "GtkToggleButton"]
    assert not unnamed, unnamed
    names = collections.Counter(node.name for node in app.get_window().walk() if node.role in ("push button", "combo box", "list", "text"))
    for name in ("New Conversation", "Search", "Model", "Menu", "Attach Images", "Message", "Dictate", "Send", "Messages", "Conversations"):
        assert names[name] >= 1, (name, names)


@test
def the_entry_of_the_message_has_the_height_of_a_line_before_it_has_text():
    height, button = (app.find(role, name).get_extents()[3] for role, name in (("text", "Message"), ("push button", "Send")))
    assert height >= button - 4, (height, button)


@test
def a_typed_message_is_answered_while_the_reply_arrives():
    assert app.find("text", "Message").has_state("FOCUSED")
    mock.set_delta_delay(20)
    app.type("Name one city")
    app.press("Return")
    app.find("push button", "Stop|Send")
    app.wait_messages("You said: Name one city")
    app.wait_until_idle()
    app.send("Write **one** " + "please " * 150)
    app.wait_messages("You said: Write one please")
    app.find("push button", "Stop")
    wait_for(lambda: any("Write **one**" in str(conversation) for conversation in read_conversations()), "the message is not saved before the reply ends")
    app.find("push button", "Stop")
    app.press("Escape")
    app.wait_until_idle()
    text = app.get_messages()
    assert text.count("please") < 290 and "**" not in text, text[-200:]
    mock.set_delta_delay(0)
    wait_for(lambda: [node for node in app.find_all("label") if re.fullmatch(r"\d+ tokens", node.name)], "no usage")


@test
def errors_and_retries_are_shown_in_the_bar():
    mock.push_reply(OaiMock.Reply.new_error(400, "invalid_request_error", "bad", "The <model> is asleep"))
    app.send("Hello")
    app.find("label", ".*The <model> is asleep.*")
    reply = OaiMock.Reply.new_error(429, "rate_limit", None, "Too fast")
    reply.set_header("retry-after-ms", "1100")
    mock.push_reply(reply)
    app.click("Try Again")
    app.find("label", r".*Next attempt in [12] s.*")
    app.wait_messages("You said: Hello")
    app.wait_until_idle()


@test
def a_tool_runs_only_if_it_is_allowed():
    for answer, steps, files in (("Deny", 2, 0), ("Allow", 3, 1)):
        app.send("Use the tool for my-note")
        button = app.find("push button", answer)
        for _step in range(steps):
            app.press("Tab", SHIFT)
        wait_for(button.is_focused, "the button does not have the focus")
        app.press("Return")
        app.wait_until_idle()
        assert len(list((root / "documents").iterdir())) == files
        app.press("l", CONTROL)
        wait_for(app.find("text", "Message").is_focused, "the entry does not have the focus")
    app.wait_messages("The tool said")


@test
def replies_are_spoken_and_messages_dictated():
    count = mock.get_n_requests()
    app.press("s", CONTROL | SHIFT)
    wait_for(lambda: mock.get_n_requests() > count, "no request for speech")
    request = json.loads(mock.dup_request(-1).dup_body_text())
    assert request["response_format"] == "wav" and request["input"].startswith("The tool said"), request
    app.click("Dictate")
    app.find("push button", "End the Dictation")
    time.sleep(0.2)
    app.click("End the Dictation")
    wait_for(lambda: app.find("text", "Message").get_text(), "no transcription")
    assert mock.dup_request(-1).dup_part("file").get_data()[:4] == b"RIFF"
    app.find("text", "Message").set_text("")


@test
def reasoning_is_folded():
    app.press("n", CONTROL)
    wait_for(lambda: not app.get_messages(), "the conversation is not empty")
    mock.push_reply(make_events({"role": "assistant", "reasoning_content": "I think of "}, {"reasoning_content": "a city."}, {"content": "Bonn"}))
    app.send("Name a city")
    app.wait_messages("Bonn")
    app.wait_until_idle()
    assert app.find("push button", "Reasoning", "Messages")
    assert "I think of a city." not in app.get_messages()


@test
def conversations_are_searched_and_deleted_with_the_keyboard():
    assert len(app.find_all("list item", inside="Conversations")) == 2
    app.press("f", CONTROL)
    wait_for(lambda: app.find("entry", "Search in all messages").is_focused(), "the entry does not have the focus")
    app.type("said NAME")
    wait_for(lambda: len(app.find_all("list item", inside="Conversations")) == 1, "the list is not filtered")
    app.find("entry", "Search in all messages").set_text("")
    wait_for(lambda: len(app.find_all("list item", inside="Conversations")) == 2, "the list is filtered")
    # The conversation that is shown has no match, and the other one is shown instead.
    app.type("name one")
    app.press("Return")
    app.wait_messages("You said: Name one city")
    app.find("entry", "Search in all messages").set_text("Bonn")
    wait_for(lambda: len(app.find_all("list item", inside="Conversations")) == 1, "the list is not filtered")
    app.find("entry", "Search in all messages").set_text("")
    wait_for(lambda: [node.has_state("SELECTED") for node in app.find_all("list item", inside="Conversations")] == [False, True], "the conversation is not selected")
    app.find("entry", "Search in all messages").set_text("Bonn")
    app.press("Return")
    app.wait_messages("Bonn")
    app.find("entry", "Search in all messages").set_text("")
    app.press("Delete", CONTROL | SHIFT)
    undo = app.find("push button", "Undo")
    wait_for(lambda: len(read_conversations()) == 1, "the file is not deleted")
    undo.click()
    app.wait_messages("Bonn")
    wait_for(lambda: len(read_conversations()) == 2, "the file is not written again")
    app.press("Delete", CONTROL | SHIFT)
    wait_for(lambda: len(read_conversations()) == 1, "the file is not deleted")
    app.wait_messages("The tool said")


@test
def servers_on_this_computer_are_offered():
    app.send("Use the tool for my-note")
    app.find("push button", "Allow")
    app.press("comma", CONTROL)
    use = wait_for(lambda: find_use_buttons("unix:%s" % (root / "run" / "llama.sock")), app.describe)[0]
    app.find("combo box", "Model")
    entries = [node for node in app.get_window().walk() if "EditableText" in node.interfaces]
    address = next(node for node in entries if node.get_text() == mock.get_base_url())
    use.click()
    wait_for(lambda: address.get_text().startswith("unix:"), address.get_text)
    next(node for node in entries if node.get_text() == "gemma").set_text("qwen")
    app.click("Save")
    wait_for(lambda: len(app.get_windows()) == 1, "the dialog is open")
    app.find("label", "qwen")
    # The call still waits, and its result is sent to the server that has requested it.
    app.find("push button", "Allow").click()
    app.wait_until_idle()
    request = json.loads(mock.dup_request(-1).dup_body_text())
    assert request["model"] == "gpt-4o-mini" and request["messages"][-1]["role"] == "tool", request
    settings = json.loads((root / "config" / APP_ID / "settings.json").read_text())
    assert settings["base-url"].startswith("unix:") and settings["model"] == "qwen", settings
    mock.push_reply_for("GET", "/models", OaiMock.Reply.new_json(200, '{"object": "list", "data": []}'))
    app.press("comma", CONTROL)
    wait_for(lambda: len(app.get_windows()) == 2, "there is no dialog")
    entries = [node for node in app.get_window().walk() if "EditableText" in node.interfaces]
    next(node for node in entries if node.get_text().startswith("unix:")).set_text(mock.get_base_url())
    next(node for node in entries if node.get_text() == "qwen").set_text("typed-by-hand")
    app.click("Save")
    wait_for(lambda: len(app.get_windows()) == 1, "the dialog is open")
    app.find("label", "typed-by-hand")
    assert not app.find_all("combo box", "Model")
    (root / "config" / APP_ID / "settings.json").unlink()


@test
def the_screen_shows_the_messages_of_the_user_in_color():
    pixels, stride = get_pixels()
    counts = collections.Counter(pixels[offset:offset + 3] for offset in range(0, len(pixels), 4 * 7))
    total = sum(counts.values())
    blue = sum(count for (b, _g, r), count in counts.items() if 12 < b - r)
    assert len(counts) > 50 and blue > 0.005 * total and counts.most_common(1)[0][1] < 0.95 * total, (len(counts), blue, total)
    assert stride >= 4 * WIDTH


@test
def the_other_version_restores_the_conversation_in_another_language():
    global app
    app.close()
    before = read_conversations()
    app = Application(OTHER_PROGRAM, "de")
    app.find("push button", "Senden")
    app.find("label", "Name one city", "Unterhaltungen")
    wait_for(lambda: is_left_of("Unterhaltungen", "Nachrichten"), "the list of conversations is not on the left")
    app.close()
    assert read_conversations() == before


@test
def the_window_is_mirrored_for_languages_written_from_right_to_left():
    global app
    write_history(10000)
    (root / "data" / APP_ID / "broken.json").write_text("[" * 100000)
    app = Application(PROGRAM, "ar")
    app.find("label", ".*broken.json.*")
    app.find("push button", "إرسال")
    app.find("label", "Name one city", "Conversations")
    wait_for(lambda: is_left_of("Messages", "Conversations"), "the list of conversations is not on the right")


@test
def a_history_of_10000_messages_opens_with_few_rows():
    wait_for(lambda: len(app.find_all("list item", inside="Conversations")) == 3, "the conversation is not listed")
    app.press("F9")
    app.press("Down")
    if not wait_for(app.get_messages, "no conversation is open").startswith("Text of item"):
        app.press("Down")
    app.wait_messages("Text of item 9999")
    rows = len(app.find_all("list item", inside="Messages"))
    assert 5 <= rows <= 60, rows
    app.press("f", CONTROL)
    wait_for(lambda: app.find("entry", "Search in all messages").is_focused(), "the entry does not have the focus")
    app.type("item 5000")
    app.press("Return")
    app.wait_messages("Text of item 5000")
    app.close()


@test
def a_missing_keyring_is_not_reported_before_a_key_is_entered():
    global app
    saved = {name: os.environ.pop(name) for name in ("SECRET_BACKEND", "OPENAI_API_KEY")}
    try:
        app = Application(PROGRAM)
    finally:
        os.environ.update(saved)
    app.find("label", "gpt-4o-mini")
    assert not app.find_all("label", ".*keyring.*"), app.describe()
    app.close()


def find_use_buttons(address):
    """Other servers may run on this computer as well."""
    rows = [row for row in app.find_all("list item") if any(node.name.startswith(address) for node in row.walk())]
    return [node for row in rows for node in row.walk() if node.role == "push button" and re.fullmatch("Use .+", node.name)]


def is_left_of(first, second):
    return app.find("list", first).get_extents()[0] < app.find("list", second).get_extents()[0]


def write_history(count):
    text = "Text of *item* %d.\n\n- one\n"
    items = [{"kind": "message", "state": "complete", "role": role, "text": text % index, "created-at": "2026-01-01T00:00:00.000000Z",
              "record": {"role": role, "content": text % index}} for index, role in zip(range(count), ("user", "assistant") * count)]
    (root / "data" / APP_ID / "long.json").write_text(json.dumps(
        {"version": 1, "session": "OaiChatSession", "model": "gpt-4o-mini", "streaming": True, "items": items}))


def main():
    global app, accessibility
    failures = 0
    mock.start_in_thread()
    local = LocalServer(str(root / "run" / "llama.sock"), Handler)
    threading.Thread(target=local.serve_forever, daemon=True).start()
    accessibility = Accessibility()
    print("1..%d" % len(TESTS))
    app = Application(PROGRAM)
    for number, function in enumerate(TESTS, 1):
        name = function.__name__.replace("_", "-")
        begin = time.monotonic()
        try:
            function()
            print("ok %d %s # %.1f s" % (number, name, time.monotonic() - begin), flush=True)
        except Exception:
            failures += 1
            print("not ok %d %s" % (number, name))
            print("\n".join("# " + line for line in (traceback.format_exc() + app.read_log()).splitlines()), flush=True)
    mock.stop()
    local.shutdown()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
