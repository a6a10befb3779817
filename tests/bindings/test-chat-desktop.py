#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Uses a version of the chat window together with other programs: the clipboard, drag and drop, a second process, and files that are
large, damaged or cannot be written.  Prints TAP.

usage: test-chat-desktop.py TRANSLATIONS-DIRECTORY PROGRAM [ARGUMENT...]
"""

import base64
import importlib.util
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import traceback

TESTS = []
PIXEL = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082")
HERE = pathlib.Path(__file__).resolve().parent


def load_desktop():
    """The other test of the window starts an X server, the accessibility service and the mock service."""
    spec = importlib.util.spec_from_file_location("chat_accessible", HERE / "test-chat-accessible.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


desktop = load_desktop()
from gi.repository import GLib  # noqa: E402

root, mock, wait_for = desktop.root, desktop.mock, desktop.wait_for
directory = root / "data" / desktop.APP_ID
applications, processes = [], []


def test(function):
    TESTS.append(function)
    return function


def start(**environment):
    """Starts the program with other variables; those of this process are not changed."""
    saved = dict(os.environ)
    os.environ.update(environment)
    try:
        applications.append(desktop.Application(desktop.PROGRAM))
        return applications[-1]
    finally:
        os.environ.clear()
        os.environ.update(saved)


def clear():
    if not directory.is_dir():
        directory.unlink(missing_ok=True)
        directory.mkdir(mode=0o700)
    for file in directory.iterdir():
        file.unlink()


def read_files():
    return {file.name: file.read_bytes() for file in directory.iterdir()}


def count_images(application):
    return len(application.find_all("push button", "Remove the Image"))


class Source:
    """A program that offers a file or an image."""

    def __init__(self, kind, path):
        self.process = desktop.start_process([sys.executable, str(HERE / "chat-source.py"), kind, str(path)], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"     # the window is drawn

    def close(self):
        self.process.terminate()
        self.process.wait()


def move_pointer(x, y, event):
    desktop.accessibility.call("org.a11y.atspi.Registry", "/org/a11y/atspi/registry/deviceeventcontroller",
                               "org.a11y.atspi.DeviceEventController", "GenerateMouseEvent", GLib.Variant("(iis)", (x, y, event)))


def drag(kind, path):
    """Drags from the window in the corner to the messages."""
    source = Source(kind, path)
    move_pointer(40, 40, "b1p")
    for position in range(40, 520, 20):
        move_pointer(position, position, "abs")
        time.sleep(0.01)
    move_pointer(520, 520, "b1r")
    return source


def send_images(application, count):
    application.send("What is this?")
    application.wait_messages("You said: What is this?")
    application.wait_until_idle()
    content = json.loads(mock.dup_request(-1).dup_body_text())["messages"][-1]["content"]
    assert [part["type"] for part in content] == ["text"] + ["image_url"] * count, content
    for part in content[1:]:
        assert base64.b64decode(part["image_url"]["url"].partition(",")[2]).startswith(PIXEL[:8]), part


@test
def an_image_is_pasted_from_another_program():
    path = root / "pixel.png"
    path.write_bytes(PIXEL)
    application = start()
    source = Source("clipboard", path)
    assert application.find("text", "Message").has_state("FOCUSED")
    application.press("v", desktop.CONTROL)
    wait_for(lambda: count_images(application) == 1, "there is no image")
    application.press("v", desktop.CONTROL)
    wait_for(lambda: count_images(application) == 2, "there is one image")
    application.click("Remove the Image")
    wait_for(lambda: count_images(application) == 1, "there are two images")
    send_images(application, 1)
    source.close()
    application.close()
    clear()


@test
def images_and_files_are_dropped_on_the_window():
    application = start()
    for number, kind in enumerate(("file", "texture"), 1):
        source = drag(kind, root / "pixel.png")
        wait_for(lambda: count_images(application) == number, "the %s has not been dropped" % kind)
        source.close()
    send_images(application, 2)
    application.close()
    clear()


def get_cpu_seconds(application):
    """Of the main thread."""
    pid = application.process.pid
    return int(pathlib.Path("/proc/%d/task/%d/schedstat" % (pid, pid)).read_text().split()[0]) / 1e9


@test
def a_file_of_50_mb_is_refused_and_does_not_block_the_window():
    path = root / "large.png"
    path.write_bytes(PIXEL)
    os.truncate(path, 50 << 20)
    application = start()
    begin = get_cpu_seconds(application)
    source = drag("file", path)
    application.find("label", r".*larger than 20 MB.*")
    assert get_cpu_seconds(application) - begin < 5, get_cpu_seconds(application) - begin
    source.close()
    assert count_images(application) == 0
    application.send("Hello")
    application.wait_messages("You said: Hello")
    application.wait_until_idle()
    application.close()
    clear()


@test
def a_directory_that_cannot_be_written_is_reported():
    clear()
    directory.rmdir()
    directory.write_bytes(b"this is no directory")
    application = start()
    for text in ("Hello", "Hello again"):
        application.send(text)
        application.wait_messages("You said: " + text)
        application.wait_until_idle()
    application.find("label", r".*(Not a directory|Is not a directory).*")
    assert directory.read_bytes() == b"this is no directory"
    application.wait_messages("You said: Hello\n.*You said: Hello again")
    directory.unlink()
    directory.mkdir(mode=0o700)
    application.send("The third")
    application.wait_messages("You said: The third")
    application.wait_until_idle()
    application.close()
    saved, = read_files().values()
    texts = [item["text"] for item in json.loads(saved)["items"]]
    assert texts[::2] == ["Hello", "Hello again", "The third"], texts
    clear()


@test
def a_second_process_shows_the_window_of_the_first():
    application = start()
    environment = dict(os.environ, OPENAI_BASE_URL=mock.get_base_url(), LANGUAGE="en")
    second = subprocess.run(desktop.PROGRAM, env=environment, timeout=20, stderr=subprocess.PIPE, text=True)
    assert second.returncode == 0 and "CRITICAL" not in second.stderr, second
    assert application.is_running() and len(application.get_windows()) == 1
    application.send("Hello")
    application.wait_messages("You said: Hello")
    application.wait_until_idle()
    application.close()
    assert len(read_files()) == 1
    clear()


@test
def a_long_reply_is_shown_to_its_end():
    application = start()
    text = "".join("Sentence %d has **words**.\n\n" % number for number in range(400))
    for _ in range(2):
        mock.push_reply(desktop.make_events({"role": "assistant", "content": text + "The end"}))
        application.send("Write much")
        wait_for(lambda: application.find_all("label", "The end", "Messages"), "the end is not shown", 20)
        application.wait_until_idle()
        sentences = {node.name for node in application.find_all("label", r"Sentence \d+ has words\.", "Messages")}
        assert len(sentences) == 400, len(sentences)
        application.press("n", desktop.CONTROL)
        wait_for(lambda: not application.get_messages(), "the conversation is not empty")
    application.close()
    clear()


@test
def a_call_that_waits_for_approval_survives_a_crash():
    application = start()
    application.send("Use the tool for my-note")
    application.find("push button", "Allow")
    wait_for(lambda: any(b"waiting" in data for data in read_files().values()), read_files)
    application.process.kill()
    application.process.wait()
    application = start()
    wait_for(lambda: len(application.find_all("list item", inside="Conversations")) == 2, "the conversation is not listed")
    application.press("F9")
    application.press("Down")
    application.wait_messages("Use the tool for my-note")
    application.click("Allow")
    application.wait_messages("The tool said")
    application.wait_until_idle()
    application.close()
    clear()


def start_bus():
    bus = desktop.start_process(["dbus-daemon", "--session", "--print-address", "--nofork"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return bus.stdout.readline().strip()


@test
def two_processes_on_different_buses_do_not_damage_conversations():
    session = desktop.Gio.bus_get_sync(desktop.Gio.BusType.SESSION)
    address, = session.call_sync("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", None, None, desktop.Gio.DBusCallFlags.NONE, -1, None).unpack()
    desktop.write_history(200)
    first, second = (start(DBUS_SESSION_BUS_ADDRESS=start_bus(), AT_SPI_BUS_ADDRESS=address) for _ in range(2))
    for application, text in ((first, "From the first"), (second, "From the second")):
        wait_for(lambda: len(application.find_all("list item", inside="Conversations")) == 2, "the conversation is not listed")
        assert application.process.poll() is None
        entry = application.find("text", "Message")
        entry.set_text(text)
        application.click("Send")
        application.wait_messages("You said: " + text)
        application.wait_until_idle()
    for application in (first, second):
        application.process.send_signal(signal.SIGTERM)
        application.process.wait(20)
    files = read_files()
    items = sorted(len(json.loads(data)["items"]) for name, data in files.items() if name.endswith(".json"))
    assert items == [2, 2, 200], items
    clear()


def count_colors():
    pixels, _stride = desktop.get_pixels()
    return len({pixels[offset:offset + 3] for offset in range(0, len(pixels), 4 * 7)})


@test
def without_a_bus_two_processes_start_and_change_no_file():
    desktop.write_history(200)
    before = read_files()
    assert count_colors() < 20, "there is a window of another test"
    environment = dict(os.environ, DBUS_SESSION_BUS_ADDRESS="unix:path=%s" % (root / "none"), GTK_A11Y="none", OPENAI_BASE_URL=mock.get_base_url())
    for _ in range(2):
        process = desktop.start_process(desktop.PROGRAM, env=environment)
        count = mock.get_n_requests()
        wait_for(lambda: count_colors() > 50 and mock.get_n_requests() > count, "the window is not drawn", 20)
        processes.append(process)
    for process in processes:
        assert process.poll() is None, process.returncode
        process.terminate()
        process.wait()
    assert read_files() == before
    clear()


@test
def damaged_conversations_are_reported_and_kept():
    damaged = {"a.json": b"{", "b.json": b"[]", "c.json": b"", "d.json": b"\xb0\x00", "e.json": b'{"items": [{"kind": "message", "text": 3}]}',
               "f.json": b"[" * 100000, "g.json": b'{"items": [{}]}', "h.json": b'{"version": 99, "session": "OaiChatSession", "items": "x"}'}
    directory.mkdir(exist_ok=True)
    for name, data in damaged.items():
        (directory / name).write_bytes(data)
    (directory / "i.json").symlink_to("/nowhere")
    (directory / "j.json").mkdir()
    desktop.write_history(2)
    application = start()
    application.find("label", r".*\b[a-j]\.json\b.*")
    application.find("label", r"Text of item 0\. one", "Conversations")
    application.send("Hello")
    application.wait_messages("You said: Hello")
    application.wait_until_idle()
    application.close()
    (directory / "j.json").rmdir()
    (directory / "i.json").unlink()
    files = read_files()
    assert damaged.items() <= files.items() and len(files) == len(damaged) + 2, files.keys()
    clear()


def main():
    failures = 0
    mock.start_in_thread()
    desktop.accessibility = desktop.Accessibility()
    print("1..%d" % len(TESTS))
    for number, function in enumerate(TESTS, 1):
        name = function.__name__.replace("_", "-")
        begin = time.monotonic()
        try:
            function()
            print("ok %d %s # %.1f s" % (number, name, time.monotonic() - begin), flush=True)
        except Exception:
            failures += 1
            print("not ok %d %s" % (number, name))
            print("\n".join("# " + line for line in traceback.format_exc().splitlines()), flush=True)
            for process in [application.process for application in applications] + processes:
                process.kill()
                process.wait()
            clear()
        applications.clear()
    mock.stop()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
