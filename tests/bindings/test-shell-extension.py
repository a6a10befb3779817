#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Uses the extension of examples/gnome-shell in a GNOME Shell without a screen, with the mock service.  Prints TAP.

usage: test-shell-extension.py EXAMPLE-DIRECTORY [SCREENSHOT.png]
"""

import atexit
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

import gi

gi.require_version("OaiMock", "1")
from gi.repository import Gio, GLib, OaiMock  # noqa: E402

UUID = "ask@example.org"
SHELL_SERVICE = ("org.gnome.Shell", "/org/gnome/Shell", "org.gnome.Shell")
TESTS = []

work = tempfile.TemporaryDirectory(prefix="shell-extension-")
root = pathlib.Path(work.name)
log_path = root / "shell.log"
mock = OaiMock.Server()


def test(function):
    TESTS.append(function)
    return function


def skip(reason):
    print("1..0 # SKIP %s" % reason)
    sys.exit(0)


def wait_for(condition, reason, seconds=30):
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("%s\n%s" % (reason() if callable(reason) else reason, log_path.read_text()[-3000:]))
        time.sleep(0.005)


def start_bus():
    """A session bus, which stands for that of the system too."""
    bus = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--print-address"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    atexit.register(lambda: (bus.terminate(), bus.wait(), bus.stdout.close()))
    return bus.stdout.readline().strip()


def start_shell(environment):
    with log_path.open("w") as log:
        shell = subprocess.Popen(["gnome-shell", "--headless", "--virtual-monitor", "1024x768", "--no-x11", "--unsafe-mode"],
                                 env=environment, stdout=log, stderr=log)
    atexit.register(lambda: (shell.terminate(), shell.wait()))
    return shell


def install_extension(source, data):
    target = data / "gnome-shell" / "extensions" / UUID
    shutil.copytree(source / UUID, target)
    return target


class Shell:
    def __init__(self, address):
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        self.bus = Gio.DBusConnection.new_for_address_sync(address, flags, None, None)

    def call(self, name, path, interface, method, arguments):
        return self.bus.call_sync(name, path, interface, method, arguments, None, Gio.DBusCallFlags.NONE, 10000, None).unpack()

    def has_started(self):
        try:
            return self.run("Main.layoutManager._startingUp") is False
        except GLib.Error:
            return False

    def run(self, script):
        """The value of a script that runs in the Shell."""
        done, value = self.call(*SHELL_SERVICE, "Eval", GLib.Variant("(s)", (script,)))
        if not done:
            raise AssertionError("%s: %s" % (script, value))
        return json.loads(value) if value else None

    def enable(self):
        self.run("Main.extensionManager.enableExtension('%s')" % UUID)
        wait_for(lambda: self.run("'%s' in Main.panel.statusArea" % UUID), "the extension is not enabled")

    def disable(self):
        self.run("Main.extensionManager.disableExtension('%s')" % UUID)
        wait_for(lambda: not self.run("'%s' in Main.panel.statusArea" % UUID), "the extension is not disabled")

    def indicator(self, expression):
        return self.run("Main.panel.statusArea['%s'].%s" % (UUID, expression))

    def ask(self, question):
        self.indicator("_entry.set_text(%s)" % json.dumps(question))
        self.indicator("_entry.clutter_text.activate()")

    def answer(self):
        return self.indicator("_answer.text")

    def is_asking(self):
        return self.indicator("_stop.visible")


def complaints():
    """What the Shell wrote about the extension."""
    text = log_path.read_text()
    return [line for line in text.splitlines() if UUID in line or "already disposed" in line or "Unhandled promise" in line]


def push_text(*deltas, delay=0):
    reply = OaiMock.Reply.new_events()
    reply.set_chunk_delay(delay)
    for delta in deltas:
        reply.add_event(None, json.dumps({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [
            {"index": 0, "delta": {"content": delta}, "finish_reason": None}]}))
    reply.add_event(None, json.dumps({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [
        {"index": 0, "delta": {}, "finish_reason": "stop"}]}))
    reply.add_event(None, "[DONE]")
    mock.push_reply(reply)


@test
def test_answer():
    """The answer to a question is shown."""
    push_text("Blue light ", "is scattered ", "the most.")
    shell.ask("Why is the sky blue?")
    wait_for(lambda: not shell.is_asking(), shell.answer)
    assert shell.answer() == "Blue light is scattered the most.", shell.answer()
    messages = json.loads(mock.dup_request(-1).dup_body_text())["messages"]
    assert messages == [{"role": "user", "content": "Why is the sky blue?"}], messages
    assert shell.indicator("_entry.text") == ""


@test
def test_stream():
    """The text appears while it arrives."""
    push_text(*["word "] * 100, delay=20)
    shell.ask("Stream")
    wait_for(lambda: re.fullmatch("(word ){2,90}", shell.answer()), shell.answer)
    wait_for(lambda: not shell.is_asking(), shell.answer)
    assert shell.answer() == "word " * 100


@test
def test_stop():
    """Stop closes the connection, and keeps the text."""
    n_aborted = mock.get_n_aborted()
    push_text(*["word "] * 1000, delay=20)
    shell.ask("Stop")
    wait_for(lambda: shell.answer().startswith("word "), shell.answer)
    shell.indicator("_stop.activate(null)")
    wait_for(lambda: mock.get_n_aborted() == n_aborted + 1, "the request is not cancelled")
    assert not shell.is_asking()
    assert re.fullmatch("(word ){1,999}", shell.answer()), shell.answer()


@test
def test_next_question():
    """Another question cancels the one before, whose text no longer appears."""
    n_aborted = mock.get_n_aborted()
    push_text(*["old "] * 1000, delay=20)
    shell.ask("First")
    wait_for(lambda: shell.answer().startswith("old "), shell.answer)
    push_text("new")
    shell.ask("Second")
    wait_for(lambda: not shell.is_asking(), shell.answer)
    assert shell.answer() == "new", shell.answer()
    wait_for(lambda: mock.get_n_aborted() == n_aborted + 1, lambda: "%d aborted" % mock.get_n_aborted())


@test
def test_error():
    """An error of the server is shown as it is."""
    mock.push_reply(OaiMock.Reply.new_error(400, "invalid_request_error", "bad", "The <model> is asleep"))
    shell.ask("Fail")
    wait_for(lambda: not shell.is_asking(), shell.answer)
    assert "The <model> is asleep" in shell.answer(), shell.answer()


@test
def test_menu():
    """The keyboard focus is in the entry when the menu opens."""
    shell.indicator("menu.open(0)")
    wait_for(lambda: shell.run("global.stage.key_focus === Main.panel.statusArea['%s']._entry.clutter_text" % UUID), "the entry has no focus")
    if len(sys.argv) > 2:
        push_text("The sky is blue because air scatters short waves of light more than long ones.")
        shell.ask("Why is the sky blue?")
        wait_for(lambda: not shell.is_asking(), shell.answer)
        time.sleep(1)
        shell.run("""const Screenshot = imports.gi.Shell.Screenshot; const shot = new Screenshot();
            const file = imports.gi.Gio.File.new_for_path('%s').replace(null, false, 0, null);
            shot.screenshot(false, file, (s, r) => { s.screenshot_finish(r); file.close(null); }); 1""" % sys.argv[2])
        time.sleep(1)
    shell.indicator("menu.close(0)")


@test
def test_disable():
    """Disabling the extension cancels what runs, and leaves nothing behind."""
    n_aborted = mock.get_n_aborted()
    push_text(*["word "] * 1000, delay=20)
    shell.ask("Disable")
    wait_for(lambda: shell.answer().startswith("word "), shell.answer)
    shell.disable()
    wait_for(lambda: mock.get_n_aborted() == n_aborted + 1, "the request is not cancelled")
    shell.enable()
    assert shell.answer() == "" and not shell.is_asking()


@test
def test_disable_before_reply():
    """Disabling the extension cancels a request that has no reply yet."""
    n_requests, n_aborted = mock.get_n_requests(), mock.get_n_aborted()
    reply = OaiMock.Reply.new_events()
    reply.set_head_delay(20000)
    mock.push_reply(reply)
    shell.ask("Disable")
    wait_for(lambda: mock.get_n_requests() == n_requests + 1, "there is no request")
    shell.disable()
    wait_for(lambda: mock.get_n_aborted() == n_aborted + 1, "the request is not cancelled")
    shell.enable()


@test
def test_complaints():
    """The Shell has nothing to say about the extension."""
    assert complaints() == [], "\n".join(complaints())


for program in ("gnome-shell", "dbus-daemon"):
    if shutil.which(program) is None:
        skip("there is no program %s" % program)

mock.start_in_thread()
for name in ("data", "config", "cache", "run"):
    (root / name).mkdir(mode=0o700)
install_extension(pathlib.Path(sys.argv[1]), root / "data")
address = start_bus()
start_shell(dict(os.environ, DBUS_SESSION_BUS_ADDRESS=address, DBUS_SYSTEM_BUS_ADDRESS=address, GSETTINGS_BACKEND="memory",
                 XDG_DATA_HOME=str(root / "data"), XDG_CONFIG_HOME=str(root / "config"), XDG_CACHE_HOME=str(root / "cache"),
                 XDG_RUNTIME_DIR=str(root / "run"), NO_AT_BRIDGE="1", LIBGL_ALWAYS_SOFTWARE="1", G_DEBUG="",
                 OPENAI_BASE_URL=mock.get_base_url(), OPENAI_API_KEY="sk-test", OPENAI_MODEL="m"))
shell = Shell(address)
wait_for(shell.has_started, "GNOME Shell does not start")
shell.enable()

print("1..%d" % len(TESTS))
failed = 0
for number, function in enumerate(TESTS, 1):
    mock.reset()
    try:
        function()
        print("ok %d %s" % (number, function.__doc__), flush=True)
    except Exception:
        failed += 1
        traceback.print_exc()
        print("not ok %d %s" % (number, function.__doc__), flush=True)
mock.stop()
sys.exit(failed > 0)
