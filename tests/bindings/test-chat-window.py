#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Uses the example application of examples/chat-window in a virtual X server, with the mock service.  Prints TAP.

usage: test-chat-window.py EXAMPLE-DIRECTORY [SCREENSHOT.png]
"""

import atexit
import base64
import json
import locale
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import traceback

WIDTH, HEIGHT = 1000, 700
TESTS = []


def test(function):
    TESTS.append(function)
    return function


def skip(reason):
    print("1..0 # SKIP %s" % reason)
    sys.exit(0)


def start_display(directory):
    """Starts an X server whose screen is a file."""
    reader, writer = os.pipe()
    try:
        server = subprocess.Popen(["Xvfb", "-displayfd", str(writer), "-screen", "0", "%dx%dx24" % (WIDTH, HEIGHT), "-fbdir", directory,
                                   "-nolisten", "tcp", "-noreset"], pass_fds=[writer], stderr=subprocess.DEVNULL)
    except FileNotFoundError:
        skip("there is no program Xvfb")
    atexit.register(lambda: (server.terminate(), server.wait()))
    os.close(writer)
    with os.fdopen(reader) as pipe:
        number = pipe.readline().strip()
    if not number:
        skip("Xvfb does not start")
    return ":" + number


work = tempfile.TemporaryDirectory(prefix="chat-window-")
root = pathlib.Path(work.name)
for name in ("data", "config", "cache", "run", "screen", "documents"):
    (root / name).mkdir(mode=0o700)
(root / "config" / "user-dirs.dirs").write_text('XDG_DOCUMENTS_DIR="%s"\n' % (root / "documents"))
os.environ.update({
    "DISPLAY": start_display(str(root / "screen")), "GDK_BACKEND": "x11", "GSK_RENDERER": "cairo", "GTK_A11Y": "none", "GSETTINGS_BACKEND": "memory",
    "XDG_DATA_HOME": str(root / "data"), "XDG_CONFIG_HOME": str(root / "config"), "XDG_CACHE_HOME": str(root / "cache"),
    "XDG_RUNTIME_DIR": str(root / "run"), "DBUS_SESSION_BUS_ADDRESS": "unix:path=%s" % (root / "no-bus"), "ADW_DISABLE_PORTAL": "1",
    "SECRET_BACKEND": "file", "SECRET_FILE_TEST_PATH": str(root / "keyring"), "SECRET_FILE_TEST_PASSWORD": "test",
    "OPENAI_API_KEY": "sk-test",
})

import gi  # noqa: E402

gi.require_version("OaiMock", "1")
try:
    for namespace, version in (("Gtk", "4.0"), ("Adw", "1")):
        gi.require_version(namespace, version)
except ValueError as error:
    skip(str(error))

sys.path.insert(0, os.path.join(sys.argv[1], "python"))
sys.dont_write_bytecode = True
import chat  # noqa: E402
import markdown  # noqa: E402
import speech  # noqa: E402
from gi.repository import Adw, Gdk, Gio, GLib, GObject, Gtk, Oai, OaiMock, Pango  # noqa: E402
from message_row import MessageRow  # noqa: E402

State = Oai.SessionState
mock = OaiMock.Server()
PIXEL = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082")


def wait_for(condition, reason="the condition is not fulfilled", seconds=30):
    context = GLib.MainContext.default()
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(reason() if callable(reason) else reason)
        if not context.iteration(False):
            time.sleep(0.001)


def wait_frames(window, count=3):
    drawn = []
    handler = window.get_frame_clock().connect("after-paint", lambda _clock: drawn.append(1))
    while len(drawn) < count:
        window.queue_draw()
        GLib.MainContext.default().iteration(True)
    window.get_frame_clock().disconnect(handler)


def list_widgets(widget, kind):
    """The visible widgets of a type, in their order."""
    child = widget.get_first_child()
    while child:
        if child.get_visible():
            if isinstance(child, kind):
                yield child
            yield from list_widgets(child, kind)
        child = child.get_next_sibling()


def get_shown_text(window):
    """The text of the messages on the screen."""
    return "\n".join(label.get_text() for label in list_widgets(window.conversation.messages.view, Gtk.Label))


def start(size=None, **settings):
    """Starts the application as a user does."""
    mock.reset()
    mock.set_delta_delay(0)
    os.environ["OPENAI_BASE_URL"] = mock.get_base_url()
    path = root / "config" / chat.APP_ID / "settings.json"
    path.unlink(missing_ok=True)
    if settings:
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(settings))
    application = chat.ChatApplication()
    application.register(None)
    if size:
        application.connect("window-added", lambda _application, window: window.set_default_size(*size))
    application.activate()
    window = application.window
    wait_for(lambda: window.client is not None and window.models.models.get_model() is not None, lambda: "no models: " + window.conversation.bar.label.get_text())
    return window


def is_written(session):
    """Whether no operation with the file is running, although the last one may have failed."""
    try:
        session.save(session.file)
    except GLib.Error as error:
        return not error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.PENDING)
    return True


def is_saved(session):
    """Whether no operation with the file is running or waiting."""
    if session.is_modified():
        return False
    try:
        return session.save(session.file)
    except GLib.Error as error:
        assert error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.PENDING), error
        return False


def close(window):
    application = window.get_application()
    window.close()
    wait_for(lambda: not application.get_windows(), "the window is still open")
    wait_for(lambda: all(is_saved(session) for session in window.store.model if len(session)), "the conversations are not saved")
    wait_for(lambda: not any(file.name.startswith(".") for file in (root / "data" / chat.APP_ID).iterdir()), "a file is incomplete")


def clear():
    for file in (root / "data" / chat.APP_ID).glob("*"):
        file.unlink()


def enter(window, text):
    window.conversation.composer.text.get_buffer().set_text(text)
    window.conversation.composer.button.emit("clicked")


def wait_until_idle(window):
    wait_for(lambda: window.session.get_state() == State.IDLE, "the reply does not end")


def ask(window, text):
    enter(window, text)
    wait_until_idle(window)
    wait_frames(window)


def act(window, name):
    assert window.lookup_action(name).get_enabled(), name
    window.activate_action("win." + name, None)


def get_pixels():
    """The screen: width, height and rows of the format BGRX, from the dump of the X server."""
    data = (root / "screen" / "Xvfb_screen0").read_bytes()
    header = struct.unpack(">25I", data[:100])
    size, width, height, stride, colors = header[0], header[4], header[5], header[12], header[19]
    begin = size + colors * 12
    return width, height, stride, data[begin:begin + stride * height]


def save_screenshot(window, path):
    wait_frames(window)
    _width, _height, stride, pixels = get_pixels()
    left, top = (int(offset) for offset in window.get_surface_transform())
    begin = top * stride + 4 * left
    pixels = bytearray(pixels[begin:begin + window.get_height() * stride])
    pixels[3::4] = b"\xff" * len(pixels[3::4])
    pixels += bytes(stride * window.get_height() - len(pixels))
    Gdk.MemoryTexture.new(window.get_width(), window.get_height(), Gdk.MemoryFormat.B8G8R8A8, GLib.Bytes.new(bytes(pixels)), stride).save_to_png(path)


@test
def a_reply_appears_while_it_arrives():
    window = start()
    mock.set_delta_delay(20)
    enter(window, "Name **one** city " + "please " * 100)
    assert window.conversation.composer.take_text() == "" and window.session.get_state() != State.IDLE
    wait_for(lambda: "You said: Name one" in get_shown_text(window), lambda: get_shown_text(window))
    assert window.session.get_state() == State.STREAMING, "the text was not shown before the end"
    wait_until_idle(window)
    wait_frames(window)
    assert get_shown_text(window).count("Name one city please please") == 2
    assert not window.conversation.bar.bar.get_revealed() and "tokens" in window.conversation.usage.get_text(), window.conversation.usage.get_text()
    close(window)
    clear()


@test
def stop_keeps_what_has_arrived():
    window = start()
    assert not window.lookup_action("stop").get_enabled()
    mock.set_delta_delay(20)
    enter(window, "word " * 300)
    wait_for(lambda: "You said" in get_shown_text(window))
    window.conversation.composer.button.emit("clicked")
    wait_until_idle(window)
    wait_frames(window)
    assert not window.conversation.bar.bar.get_revealed() and window.session[1].state == Oai.SessionItemState.INCOMPLETE
    assert 0 < len(window.session[1].text) < 1400, len(window.session[1].text)
    ask(window, "Continue")
    assert "You said: Continue" in get_shown_text(window)
    enter(window, "word " * 300)
    wait_for(lambda: get_shown_text(window).count("You said") == 3)
    close(window)
    window = start()
    wait_for(lambda: window.store.model.get_n_items() == 2)
    window.sidebar.selection.set_selected(1)
    wait_for(lambda: get_shown_text(window).count("You said") == 3, lambda: get_shown_text(window))
    close(window)
    clear()


@test
def an_error_is_shown_in_the_bar_and_can_be_tried_again():
    window = start()
    mock.push_reply(OaiMock.Reply.new_error(400, "invalid_request_error", "bad", "The <model> is asleep"))
    ask(window, "Hello")
    wait_for(window.conversation.bar.bar.get_revealed)
    assert "The <model> is asleep" in window.conversation.bar.label.get_text() and window.conversation.bar.bar.get_message_type() == Gtk.MessageType.ERROR
    window.conversation.bar.button.emit("clicked")
    wait_for(lambda: "You said: Hello" in get_shown_text(window))
    wait_until_idle(window)
    assert not window.conversation.bar.bar.get_revealed() and get_shown_text(window).count("Hello") == 2
    close(window)
    clear()


@test
def the_seconds_until_a_retry_are_counted():
    window = start()
    reply = OaiMock.Reply.new_error(429, "rate_limit", None, "Too fast")
    reply.set_header("retry-after-ms", "3000")
    mock.push_reply(reply)
    enter(window, "Hello")
    seconds = set()
    window.conversation.bar.label.connect("notify::label", lambda label, _property: seconds.update(re.findall(r"Next attempt in (\d) s", label.get_text())))
    wait_for(lambda: len(seconds) >= 2, lambda: window.conversation.bar.label.get_text())
    assert window.conversation.bar.bar.get_revealed() and seconds <= set("0123"), seconds
    wait_until_idle(window)
    wait_frames(window)
    assert "You said: Hello" in get_shown_text(window) and not window.conversation.bar.bar.get_revealed() and not window.conversation.bar.countdown
    reply = OaiMock.Reply.new_error(503, "server_error", None, "Overloaded")
    reply.set_header("retry-after-ms", "60000")
    mock.push_reply(reply)
    enter(window, "Again")
    wait_for(lambda: window.conversation.bar.bar.get_revealed() and "Next attempt in 60 s" in window.conversation.bar.label.get_text(), lambda: window.conversation.bar.label.get_text())
    act(window, "stop")
    wait_until_idle(window)
    wait_for(lambda: not window.conversation.bar.bar.get_revealed() and not window.conversation.bar.countdown)
    close(window)
    clear()


@test
def a_long_word_does_not_block_the_window():
    window = start()
    mock.push_reply(make_reply("YWJj" * 4000 + "\n\nEnd"))
    begin = time.process_time()
    ask(window, "Encode this")
    wait_for(lambda: get_shown_text(window).endswith("End"))
    assert time.process_time() - begin < 5, time.process_time() - begin
    close(window)
    clear()


@test
def a_long_reply_is_laid_out_in_several_frames():
    window = start()
    times = []
    window.get_frame_clock().connect("after-paint", lambda _clock: times.append(time.thread_time()))
    mock.push_reply(make_reply("A sentence of **words** that fills a line or two of the window.\n\n- one\n- two\n\n" * 500 + "End"))
    enter(window, "Write much")
    wait_for(lambda: get_shown_text(window).endswith("End"))
    wait_until_idle(window)
    longest = max(second - first for first, second in zip(times, times[1:]))
    assert len(times) > 5 and longest < 0.5, (len(times), longest)
    close(window)
    window = start()
    wait_for(lambda: window.store.model.get_n_items() == 2)
    window.sidebar.selection.set_selected(1)
    wait_for(lambda: get_shown_text(window).endswith("End"))
    wait_frames(window)
    adjustment = window.conversation.messages.scrolled.get_vadjustment()
    assert adjustment.get_value() + adjustment.get_page_size() == adjustment.get_upper(), "the end is not visible"
    close(window)
    clear()


@test
def the_second_line_of_a_message_is_not_scrolled():
    window = start()
    text = window.conversation.composer.text
    height = text.get_height()
    text.emit("insert-at-cursor", "one\ntwo")
    text.scroll_mark_onscreen(text.get_buffer().get_insert())
    wait_for(lambda: text.get_height() > height)
    wait_frames(window, 20)     # of the animation
    assert text.get_vadjustment().get_value() == 0, text.get_vadjustment().get_value()
    close(window)
    clear()


@test
def reasoning_is_folded():
    window = start()
    reply = OaiMock.Reply.new_events()
    for delta in ({"role": "assistant", "reasoning_content": "I think of "}, {"reasoning_content": "a city."}, {"content": "Bonn"}):
        reply.add_event(None, json.dumps({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "gpt-4o-mini",
                                          "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}))
    reply.add_event(None, json.dumps({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "gpt-4o-mini",
                                      "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}))
    reply.add_event(None, "[DONE]")
    mock.push_reply(reply)
    ask(window, "Name a city")
    expander = next(list_widgets(window.conversation.messages.view, Gtk.Expander))
    assert expander.get_label() == "Reasoning" and not expander.get_expanded()
    assert expander.get_child().get_text() == "I think of a city." and "Bonn" in get_shown_text(window)
    close(window)
    clear()


def find_buttons(window, label):
    return [button for button in list_widgets(window.conversation.messages.view, Gtk.Button) if button.get_label() == label]


@test
def a_tool_runs_only_if_the_user_allows_it():
    for answer, exists in (("_Deny", False), ("_Allow", True)):
        window = start()
        enter(window, "Use the tool for my-note")
        wait_for(lambda: find_buttons(window, answer))
        assert "Allow “save_note”?" in get_shown_text(window) or any(
            "save_note" in expander.get_label() for expander in list_widgets(window.conversation.messages.view, Gtk.Expander))
        assert not list((root / "documents").iterdir())
        find_buttons(window, answer)[0].emit("clicked")
        wait_until_idle(window)
        wait_frames(window)
        assert bool(list((root / "documents").iterdir())) == exists
        assert "The tool said" in get_shown_text(window) and not find_buttons(window, answer), get_shown_text(window)
        close(window)
        clear()


@test
def conversations_are_restored_searched_and_deleted():
    window = start()
    ask(window, "About *apples*")
    act(window, "new")
    assert window.session.get_n_items() == 0
    ask(window, "About pears")
    close(window)
    window = start()
    wait_for(lambda: window.store.model.get_n_items() == 3)
    titles = [session.get_title() for session in window.store.model]
    assert titles[0] is None and sorted(titles[1:]) == ["About apples", "About pears"], titles
    wait_for(lambda: "New conversation" in [label.get_text() for label in list_widgets(window.sidebar.conversations, Gtk.Label)])
    act(window, "search")
    window.sidebar.search_entry.set_text("SAID apples")
    wait_for(lambda: window.sidebar.selection.get_n_items() == 1)
    window.sidebar.selection.set_selected(0)
    wait_for(lambda: "You said: About apples" in get_shown_text(window), lambda: get_shown_text(window))
    assert "pears" not in get_shown_text(window)
    ask(window, "Another question")
    deleted = window.session
    act(window, "delete")
    wait_frames(window)
    wait_for(lambda: not deleted.file.query_exists())
    assert "apples" not in get_shown_text(window)
    assert [session.get_title() for session in window.store.model].count("About *apples*") == 0
    window.sidebar.undo(deleted)
    wait_frames(window)
    assert "Another question" in get_shown_text(window) and window.session is deleted
    wait_for(lambda: deleted.file.query_exists())
    wait_for(lambda: is_saved(deleted))
    act(window, "delete")
    wait_for(lambda: not deleted.file.query_exists())
    close(window)
    texts = [file.read_text() for file in (root / "data" / chat.APP_ID).iterdir()]
    assert len(texts) == 1 and "pears" in texts[0] and "sk-test" not in texts[0] and json.loads(texts[0])["items"], texts
    clear()


@test
def a_call_that_waited_for_approval_can_be_allowed_after_a_restart():
    for file in (root / "documents").iterdir():
        file.unlink()
    window = start()
    enter(window, "Use the tool for tomorrow")
    wait_for(lambda: find_buttons(window, "_Allow"))
    close(window)
    window = start()
    wait_for(lambda: window.store.model.get_n_items() == 2)
    window.sidebar.selection.set_selected(1)
    wait_for(lambda: find_buttons(window, "_Allow"))
    find_buttons(window, "_Allow")[0].emit("clicked")
    wait_for(lambda: "The tool said" in get_shown_text(window), lambda: get_shown_text(window))
    assert list((root / "documents").iterdir())
    close(window)
    clear()


@test
def a_file_that_is_not_a_conversation_is_reported():
    (root / "data" / chat.APP_ID).mkdir(exist_ok=True)
    for name, text in (("a.json", "{"), ("b.json", "[]"), ("c.json", '{"items": [{"kind": "message", "text": "x"}]}'), ("d.json", "\udc80"),
                       ("e.json", '{"items": [{"kind": "message", "text": 3}]}'), ("f.json", "[" * 100000), ("g.json", '{"items": [{}]}')):
        (root / "data" / chat.APP_ID / name).write_bytes(text.encode(errors="surrogateescape"))
    failures = []
    toast = chat.ChatWindow.toast
    chat.ChatWindow.toast = lambda _window, text: failures.append(text)
    try:
        window = start()
        wait_for(lambda: len(failures) == 7, lambda: "\n".join(failures))
    finally:
        chat.ChatWindow.toast = toast
    assert all("“%s.json” is no saved conversation" % name in "".join(failures) for name in "abcdefg"), failures
    assert window.store.model.get_n_items() == 1
    close(window)
    clear()


@test
def parts_of_a_saved_message_that_are_no_images_are_ignored():
    directory = root / "data" / chat.APP_ID
    directory.mkdir(exist_ok=True)
    url = "data:image/png;base64," + base64.b64encode(PIXEL).decode()
    parts = [{"type": "image_url", "image_url": None}, {"type": "image_url", "image_url": "x"}, {"type": "image_url", "image_url": {"url": 5}}, 5, None,
             {"type": "image_url", "image_url": {"url": "data:image/png;base64,###"}}, {"type": "image_url", "image_url": {"url": url}}]
    (directory / "a.json").write_text(json.dumps({"version": 1, "session": "OaiChatSession", "model": "m", "items": [
        {"kind": "message", "role": "user", "state": "complete", "text": "odd", "record": {"role": "user", "content": parts}}]}))
    window = start()
    wait_for(lambda: window.store.model.get_n_items() == 2)
    window.sidebar.selection.set_selected(1)
    wait_for(lambda: "odd" in get_shown_text(window))
    assert len(list(list_widgets(window.conversation.messages.view, Gtk.Picture))) == 1
    close(window)
    clear()


def make_history(count):
    text = "Text of *item* %d.\n\n- one\n- two\n\n```python\nprint(%d)\n```\n"
    items = [{"kind": "message", "state": "complete", "role": role, "text": text % (i, i), "created-at": "2026-01-01T00:00:00.000000Z",
              "record": {"role": role, "content": text % (i, i)}} for i, role in zip(range(count), ("user", "assistant") * count)]
    return json.dumps({"version": 1, "session": "OaiChatSession", "model": "gpt-4o-mini", "streaming": True, "items": items})


@test
def a_history_of_10000_messages_opens_with_few_rows():
    (root / "data" / chat.APP_ID).mkdir(exist_ok=True)
    (root / "data" / chat.APP_ID / "long.json").write_text(make_history(10000))
    window = start()
    wait_for(lambda: window.store.model.get_n_items() == 2)
    first = MessageRow.count
    window.sidebar.selection.set_selected(1)
    wait_frames(window, 5)
    assert window.session.get_n_items() == 10000
    assert 10 <= MessageRow.count - first <= 60, MessageRow.count - first
    adjustment = window.conversation.messages.scrolled.get_vadjustment()
    assert adjustment.get_value() + adjustment.get_page_size() == adjustment.get_upper(), "the end is not visible"
    assert "item 9999." in get_shown_text(window)
    for count in range(2, 9):
        shown = window.conversation.messages.tail.get_n_items()
        adjustment.set_value(10)
        wait_for(lambda: window.conversation.messages.tail.get_n_items() > shown)
        wait_frames(window)
    assert MessageRow.count - first <= 260 and "item 9%d" % (1000 - window.conversation.messages.tail.get_n_items()) in get_shown_text(window), MessageRow.count - first
    window.sidebar.search_entry.set_text("print(123)")
    act(window, "find")
    wait_for(lambda: "item 123." in get_shown_text(window), lambda: "%d %s" % (window.conversation.messages.found, get_shown_text(window)[-300:]))
    wait_frames(window, 5)
    row = next(label for label in list_widgets(window.conversation.messages.view, Gtk.Label) if "item 123." in label.get_text())
    top = row.compute_bounds(window.conversation.messages.scrolled)[1].get_y()
    assert 0 <= top < window.conversation.messages.scrolled.get_height(), top
    act(window, "find")
    assert window.conversation.messages.found == GLib.MAXUINT
    wait_frames(window)
    toast = next(label for label in list_widgets(window.toasts, Gtk.Label) if label.get_text() == "There are no more matches.")
    assert toast.get_layout().get_line_count() == 1
    ask(window, "Hello")
    assert "You said: Hello" in get_shown_text(window) and MessageRow.count - first <= 270, MessageRow.count - first
    for words, position in (("print(123)", 123), ("said hello", 10001)):    # each search begins at the end, with the new messages
        window.sidebar.search_entry.set_text(words)
        act(window, "find")
        assert window.conversation.messages.found == position, window.conversation.messages.found
    close(window)
    clear()


@test
def a_new_conversation_can_begin_during_the_first_reply():
    window = start()
    mock.set_delta_delay(20)
    first = window.session
    act(window, "new")
    assert window.session is first, "there are two empty conversations"
    enter(window, "word " * 100)
    act(window, "new")
    assert window.session is not first and window.store.model.get_n_items() == 2
    wait_for(lambda: len(first) == 2 and not first.is_modified())
    assert first.get_title().startswith("word word") and not get_shown_text(window)
    close(window)
    clear()


@test
def a_conversation_that_could_not_be_saved_is_saved_later():
    window = start()
    directory = root / "missing"
    window.session.file = Gio.File.new_for_path(str(directory / "a.json"))
    failures = []
    window.store.failed = failures.append
    for _ in range(2):
        ask(window, "Hello")
        wait_for(lambda: failures and is_written(window.session))
    assert len(failures) == 1, failures
    directory.mkdir()
    ask(window, "Hello again")
    wait_for(lambda: is_saved(window.session))
    shutil.rmtree(directory)
    ask(window, "Hello")
    wait_for(lambda: len(failures) == 2)
    directory.mkdir()
    close(window)
    assert "You said: Hello again" in (directory / "a.json").read_text() and len(failures) == 2, failures
    clear()


@test
def the_key_of_the_environment_is_sent_to_its_server_only():
    path = root / "config" / chat.APP_ID / "settings.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"base-url": "http://127.0.0.1:9/v1", "model": "b", "saved": False}))
    os.environ["OPENAI_BASE_URL"] = mock.get_base_url()
    settings = chat.Settings(str(path))
    assert settings["base-url"] == mock.get_base_url() and settings["model"] == "b"
    settings["model"] = "a"
    assert json.loads(path.read_text()) == {"model": "a"}, path.read_text()
    path.unlink()
    settings.path = "/proc/none/settings.json"
    settings["model"] = "c"


@test
def the_models_of_another_server_are_no_choice():
    window = start()
    models = [{"id": name, "object": "model", "created": 1, "owned_by": "a"} for name in ("small", "large")]
    mock.push_reply_for("GET", "/models", OaiMock.Reply.new_json(200, json.dumps({"object": "list", "data": models})))
    window.settings["model"] = "large"
    window.connect_to_server(Oai.Auth.new("sk-test"))
    assert window.models.models.get_model() is None
    wait_for(window.models.models.get_model)
    assert window.session.get_model() == window.models.models.get_selected_item().id == "large", window.session.get_model()
    close(window)
    clear()


@test
def a_server_without_a_list_has_the_model_of_the_settings():
    window = start()
    mock.push_reply_for("GET", "/models", OaiMock.Reply.new_json(200, '{"object": "list", "data": []}'))
    window.settings["model"] = "typed-by-hand"
    window.on_server_saved(None, Oai.Auth.new("sk-test"), None)
    wait_for(window.models.models.get_model)
    assert window.session.get_model() == window.models.name.get_text() == "typed-by-hand", window.session.get_model()
    assert window.models.name.get_visible() and not window.models.models.get_visible()
    ask(window, "Hello")
    assert json.loads(mock.dup_request(-1).dup_body_text())["model"] == "typed-by-hand"
    close(window)
    clear()


@test
def models_that_could_not_be_listed_are_listed_for_the_next_conversation():
    window = start()
    ask(window, "Hello")
    mock.push_reply_for("GET", "/models", OaiMock.Reply.new_error(403, "permission_error", None, "No list for you"))
    window.connect_to_server(Oai.Auth.new("sk-test"))
    wait_for(lambda: "No list for you" in window.conversation.bar.label.get_text())
    assert window.models.models.get_model() is None
    window.new()
    wait_for(window.models.models.get_model)
    assert window.session.get_model() == window.models.models.get_selected_item().id
    close(window)
    clear()


@test
def a_call_that_waits_for_approval_is_answered_to_its_server():
    window = start()
    other = OaiMock.Server()
    other.start_in_thread()
    try:
        models = [{"id": "large", "object": "model", "created": 1, "owned_by": "a"}]
        other.push_reply_for("GET", "/models", OaiMock.Reply.new_json(200, json.dumps({"object": "list", "data": models})))
        enter(window, "Use the tool for other-server")
        wait_for(lambda: find_buttons(window, "_Allow"))
        window.settings["base-url"] = other.get_base_url()
        window.connect_to_server(Oai.Auth.new("sk-other"))
        wait_for(window.models.models.get_model)
        assert window.session.get_state() == State.WAITING_FOR_APPROVAL and window.session.get_model() == "gpt-4o-mini", window.session.get_model()
        find_buttons(window, "_Allow")[0].emit("clicked")
        wait_until_idle(window)
        request = json.loads(mock.dup_request(-1).dup_body_text())
        assert request["messages"][-1]["role"] == "tool" and request["model"] == "gpt-4o-mini", request
        ask(window, "Hello")
        assert json.loads(other.dup_request(-1).dup_body_text())["model"] == "large" and "You said: Hello" in get_shown_text(window)
        close(window)
    finally:
        other.stop()
    clear()


@test
def models_are_listed_with_what_they_can_do():
    window = start()
    mock.push_reply_for("GET", "/models", OaiMock.Reply.new_json(200, json.dumps({"object": "list", "data": [
        {"id": "a/small" + "-and-long" * 50, "object": "model", "created": 1, "owned_by": "a"},
        {"id": "a/small", "object": "model", "created": 1, "owned_by": "a"},
        {"id": "b/large", "object": "model", "created": 1, "owned_by": "b", "context_length": 131072, "architecture": {"input_modalities": ["text", "image"]},
         "supported_parameters": ["tools", "seed"], "pricing": {"prompt": "0.001", "completion": "0.002"}},
        {"id": "c/<odd>", "object": "model", "created": 1, "owned_by": "c", "context_length": "x", "architecture": [], "pricing": {"prompt": {}}}]})))
    window.connect_to_server(Oai.Auth.new("sk-test"))
    wait_for(lambda: window.models.models.get_model() and window.models.models.get_model().get_n_items() == 4)
    next(list_widgets(window.models, Gtk.ToggleButton)).set_active(True)
    popover = next(list_widgets(window.models, Gtk.Popover))
    wait_frames(window)
    assert 100 < popover.get_width() < 600, popover.get_width()
    popover.popdown()
    from model_chooser import describe
    locale._override_localeconv.update({"thousands_sep": ".", "grouping": [3, 0], "decimal_point": ","})     # as in German
    texts = [Pango.parse_markup(describe(model), -1, "\0")[2] for model in window.models.models.get_model()]
    texts.pop(0)
    assert texts == ["a/small\na", "b/large\n131.072 tokens, image, tools", "c/<odd>\nc"], texts
    window.models.models.set_selected(2)
    ask(window, "Hello")
    assert json.loads(mock.dup_request(-1).dup_body_text())["model"] == "b/large"
    wait_for(lambda: "$0,0" in window.conversation.usage.get_text(), lambda: window.conversation.usage.get_text())
    locale._override_localeconv.clear()
    close(window)
    clear()


@test
def images_are_attached_by_file_clipboard_and_drag_and_drop():
    window = start()
    file = root / "pixel.png"
    file.write_bytes(PIXEL)
    composer = window.conversation.composer
    composer.add_file(Gio.File.new_for_path(str(file)))
    wait_for(lambda: window.session.get_n_parts() == 1)
    composer.text.get_clipboard().set_content(Gdk.ContentProvider.new_for_value(
        GObject.Value(Gdk.Texture, Gdk.Texture.new_from_bytes(GLib.Bytes.new(PIXEL)))))
    composer.text.emit("paste-clipboard")
    wait_for(lambda: window.session.get_n_parts() == 2)
    composer.drop(Gdk.FileList.new_from_list([Gio.File.new_for_path(str(file))]))
    wait_for(lambda: window.session.get_n_parts() == 3)
    buttons = list(list_widgets(composer.images, Gtk.Button))
    assert len(buttons) == 3
    buttons[0].emit("clicked")
    assert window.session.get_n_parts() == 2
    composer.add_file(Gio.File.new_for_path(__file__))
    wait_frames(window)
    ask(window, "What is this?")
    assert window.session.get_n_parts() == 0 and not composer.images.get_visible()
    content = json.loads(mock.dup_request(-1).dup_body_text())["messages"][-1]["content"]
    assert [part["type"] for part in content] == ["text", "image_url", "image_url"], content
    assert len(list(list_widgets(window.conversation.messages.view, Gtk.Picture))) == 2
    composer.add_file(Gio.File.new_for_path(str(file)))
    wait_for(lambda: window.session.get_n_parts() == 1)
    last = window.session
    act(window, "new")
    assert window.session.get_n_parts() == 1 and last.get_n_parts() == 0, "the image stays with the text that is not sent"
    composer.set_session(None)
    composer.add_image(GLib.Bytes.new(PIXEL))
    composer.set_session(window.session)
    assert window.session.get_n_parts() == 2
    close(window)
    clear()


@test
def the_dialog_changes_the_server_and_keeps_the_key_in_the_keyring():
    window = start()
    dialog = window.show_server()
    dialog.address.set_text("ftp:nowhere")
    assert not dialog.save.get_sensitive() and dialog.error.get_visible() and dialog.error.get_text()
    mock.set_api_key("sk-other")
    dialog.address.set_text(mock.get_base_url() + "/")
    assert dialog.save.get_sensitive() and not dialog.error.get_visible()
    dialog.key.set_text("sk-other")
    old = window.client
    dialog.save.emit("clicked")
    wait_for(lambda: window.client is not old)
    ask(window, "Hello")
    assert "You said: Hello" in get_shown_text(window), window.conversation.bar.label.get_text()
    close(window)
    saved = json.loads((root / "config" / chat.APP_ID / "settings.json").read_text())
    assert "sk-other" not in json.dumps(saved)
    window = start(**saved)
    mock.set_api_key("sk-other")
    ask(window, "Hello again")
    assert "You said: Hello again" in get_shown_text(window), window.conversation.bar.label.get_text()
    mock.set_api_key(None)
    close(window)
    clear()


@test
def replies_are_spoken_and_messages_dictated():
    if speech.Gst is None:
        return "SKIP there is no introspection data of GStreamer"
    window = start()
    speech.Speech.sink = "audioconvert ! fakesink sync=false"
    speech.Speech.source = "audiotestsrc is-live=true"
    ask(window, "Hello")
    act(window, "speak")
    wait_for(lambda: not window.conversation.speech.is_speaking())
    request = json.loads(mock.dup_request(-1).dup_body_text())
    assert request["input"] == "You said: Hello" and request["response_format"] == "wav", request
    act(window, "dictate")
    assert window.conversation.composer.dictate.get_tooltip_text() == "End the Dictation"
    wait_for(lambda: window.conversation.speech.recorder.pipeline.query_position(speech.Gst.Format.TIME)[1] > 100 * speech.Gst.MSECOND)
    act(window, "dictate")
    wait_for(lambda: window.conversation.composer.take_text(), "there is no transcription")
    recording = mock.dup_request(-1).dup_part("file").get_data()
    assert recording[:4] == b"RIFF" and recording[8:12] == b"WAVE" and len(recording) > 2000, len(recording)
    assert struct.unpack("<I", recording[4:8])[0] == len(recording) - 8
    assert window.conversation.composer.dictate.get_tooltip_text() == "Dictate"
    mock.push_reply(OaiMock.Reply.new_text(200, "audio/wav", "this is no audio"))
    act(window, "dictate")
    act(window, "speak")
    wait_for(lambda: not window.conversation.speech.is_speaking())
    assert window.conversation.composer.dictate.get_tooltip_text() == "End the Dictation", "a failure of the player ends the dictation"
    close(window)
    assert window.conversation.speech.recorder is None and not window.conversation.speech.timeout
    clear()


@test
def markdown_is_valid_markup_at_any_moment():
    texts = [
        "# Title\n\nSome **bold** and *italic* with `a < b` & [link](https://example.org/?a=1&b=2)\n\n- one\n  - two\n1. three\n\n> quoted\n\n---\n\n| a | b |\n",
        "```c\nif (a < b && c)\n\n  x = \"1\";\n```\nafter ***both*** ~~no~~ <b>html</b>\n~~~\nnot closed",
        "[**a**](https://x.org) **[b](https://x.org/<i>)** *`c`* [d](javascript:alert) *** ** * ` `` ``` **a *b** c*",
        "a" * 7000 + " " + "*" * 3000 + "\n" * 50 + "`" * 3000 + "[" * 2000,
        "é ü 漢字 \u202e right \ufffd \U0001f600 http://a.b/c(d)e,",
        "Text:\n| Name | *Ü* |\n|:-|-:|\n" + "".join("| **%d** | `a` < %d |\n" % (i, i * i) for i in range(200)),
        "|a|\n|-|\n||\n|\n| |b\\|\n|" + "漢|||" * 1000 + "a" * 7000,
    ]
    for text in texts:
        growing = markdown.Markdown()
        for end in sorted({*range(0, min(len(text), 400)), *range(0, len(text), 97), len(text)}):
            growing.update(text[:end])
            whole = markdown.Markdown()
            whole.update(text[:end])
            assert list(map(describe_block, growing.blocks)) == list(map(describe_block, whole.blocks)), (text, end)
            for block in growing.blocks[-2:]:
                assert len(block.text) <= markdown.MAX_BLOCK
                # Labels know links, Pango does not.
                Pango.parse_markup(re.sub('<a href="[^"<>]*">', "<span>", block.to_markup()).replace("</a>", "</span>"), -1, "\0")
    growing = markdown.Markdown()
    growing.update("one\n\ntwo\n\nthr")
    assert growing.update("one\n\ntwo\n\nthree") == 2 and growing.update("other") == 0 and [b.text for b in growing.blocks] == ["other"]
    headings = {line: re.sub("<[^>]*>", "", markdown.render_text(line)).strip() for line in ("## About C#", "## Title ##", "## ##")}
    assert headings == {"## About C#": "About C#", "## Title ##": "Title", "## ##": ""}, headings
    spans = {"_it_ __bold__ snake_case_x": "<i>it</i> <b>bold</b> snake_case_x", "2 * 3 * 4 a ** b ** c": "2 * 3 * 4 a ** b ** c",
             r"\*no\* \# \a `\*`": r"*no* # \a <tt>\*</tt>", "![image](https://x.org/i.png)": '<a href="https://x.org/i.png">image</a>'}
    assert {text: markdown.render_text(text) for text in spans} == spans
    assert 'href="javascript' not in "".join(markdown.render_text(text) for text in texts)


@test
def the_columns_of_tables_are_aligned():
    text = "Text:\n| Name | Size | `x` |\n|:--|--:|:-:|\n| **漢字** | 1 | a \\| b |\n| x | 1000 | [l](https://a.b) | more |"
    assert list_lines(text) == ["Text:", "Name │ Size │   x  ", "─────┼──────┼───────┼─────", "漢字 │    1 │ a | b", "x    │ 1000 │   l   │ more"], list_lines(text)
    assert list_lines("|x| is an absolute value") == ["|x| is an absolute value"]
    lines = list_lines("| Number | of a row |\n|-:|--|\n" + "| 1 | in |\n" * 200)
    assert set(lines[2:]) == {"     1 │ in      "} and len(lines) == 202, lines


def describe_block(block):
    return block.start, block.is_code, block.text, list(block.columns)


def list_lines(text):
    """The lines of the text, without markup."""
    parts = markdown.Markdown()
    parts.update(text)
    return re.sub("<[^>]*>", "", "\n".join(block.to_markup() for block in parts.blocks)).split("\n")


@test
def everything_has_a_name_and_a_key():
    window = start()
    application = window.get_application()
    for name in window.list_actions():
        assert application.get_accels_for_action("win." + name), name
    for button in [*list_widgets(window, Gtk.Button), *list_widgets(window, Gtk.MenuButton), *list_widgets(window, Gtk.DropDown)]:
        inner = button.get_parent() and isinstance(button.get_parent(), (Gtk.MenuButton, Gtk.DropDown))
        if not inner and not button.get_ancestor(Gtk.WindowControls) and not button.get_ancestor(Gtk.InfoBar):
            assert button.get_label() if isinstance(button, Gtk.Button) and button.get_label() else button.get_tooltip_text(), button
    window.activate_action("win.show-help-overlay", None)
    wait_for(lambda: any(isinstance(other, Gtk.ShortcutsWindow) for other in Gtk.Window.list_toplevels()))
    next(other for other in Gtk.Window.list_toplevels() if isinstance(other, Gtk.ShortcutsWindow)).destroy()
    close(window)
    clear()


@test
def the_window_is_mirrored_and_folds():
    Gtk.Widget.set_default_direction(Gtk.TextDirection.RTL)
    try:
        window = start()
        ask(window, "שלום")
        sidebar = window.leaflet.get_child_by_name("sidebar")
        assert sidebar.compute_bounds(window)[1].get_x() > window.conversation.compute_bounds(window)[1].get_x()
        close(window)
    finally:
        Gtk.Widget.set_default_direction(Gtk.TextDirection.LTR)
    clear()
    window = start(size=(400, 600))
    wait_for(window.leaflet.get_folded, lambda: "the width is %d" % window.get_width(), 5)
    assert window.back.get_visible() and window.leaflet.get_visible_child_name() == "content"
    act(window, "sidebar")
    wait_for(lambda: window.leaflet.get_visible_child_name() == "sidebar")
    window.sidebar.conversations.emit("activate", 0)
    wait_for(lambda: window.leaflet.get_visible_child_name() == "content")
    close(window)
    clear()


@test
def the_screen_shows_the_conversation():
    window = start()
    ask(window, "Why is the sky blue?")
    act(window, "new")
    mock.push_reply(make_reply("""The sky is blue because air scatters **short waves** of light more than long ones, \
by *Rayleigh scattering*:

- blue: 450 nm, scattered
- red: 700 nm, passes

```python
ratio = (700 / 450) ** 4    # 5.9 times more
```

More about it is [on this page](https://en.wikipedia.org/wiki/Rayleigh_scattering)."""))
    ask(window, "And how much more is blue light scattered than red light?")
    mock.push_reply(make_tool_call("save_note", {"title": "Blue sky", "text": "Blue light is scattered 5.9 times more than red light."}))
    enter(window, "Please save this as a note.")
    wait_for(lambda: find_buttons(window, "_Allow"))
    if len(sys.argv) > 2:
        save_screenshot(window, sys.argv[2])
    wait_frames(window)
    width, height, stride, pixels = get_pixels()
    assert (width, height) == (WIDTH, HEIGHT)
    rows = [pixels[y * stride:y * stride + 4 * window.get_width()] for y in range(window.get_height())]
    colors = {}
    for row in rows[::2]:
        for x in range(0, len(row), 8):
            colors[row[x:x + 3]] = colors.get(row[x:x + 3], 0) + 1
    total = sum(colors.values())
    assert len(colors) > 50, len(colors)
    assert max(colors.values()) < 0.9 * total
    # The buttons and the messages of the user have the blue of the theme.
    blue = sum(count for (b, _g, r), count in colors.items() if b > r + 60)
    bubble = sum(count for (b, _g, r), count in colors.items() if 12 < b - r <= 60)
    assert blue > 0.001 * total and bubble > 0.005 * total, (blue, bubble, total)
    for child in (window.conversation.composer.button, find_buttons(window, "_Allow")[0]):
        bounds = child.compute_bounds(window)[1]
        assert 0 <= bounds.get_x() and bounds.get_x() + bounds.get_width() <= window.get_width()
    close(window)
    clear()


def make_tool_call(name, arguments):
    function = {"name": name, "arguments": json.dumps(arguments)}
    return make_events({"role": "assistant", "tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": function}]}, "tool_calls")


def make_reply(text):
    return make_events({"role": "assistant", "content": text}, "stop")


def make_events(message, finish_reason):
    reply = OaiMock.Reply.new_events()
    for delta, reason in ((message, None), ({}, finish_reason)):
        reply.add_event(None, json.dumps({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "gpt-4o-mini",
                                          "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}))
    reply.add_event(None, json.dumps({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "gpt-4o-mini", "choices": [],
                                      "usage": {"prompt_tokens": 120, "completion_tokens": 96, "total_tokens": 216}}))
    reply.add_event(None, "[DONE]")
    return reply


def main():
    failures = 0
    mock.start_in_thread()
    print("1..%d" % len(TESTS))
    for number, function in enumerate(TESTS, 1):
        name = function.__name__.replace("_", "-")
        try:
            skipped = function()
            print("ok %d %s%s" % (number, name, " # " + skipped if skipped else ""), flush=True)
        except Exception:
            failures += 1
            print("not ok %d %s" % (number, name))
            print("\n".join("# " + line for line in traceback.format_exc().splitlines()), flush=True)
            for application in [Gio.Application.get_default()] if Gio.Application.get_default() else []:
                for window in application.get_windows():
                    window.destroy()
            mock.set_api_key(None)
            clear()
    mock.stop()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
