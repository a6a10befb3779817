#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures the chat window in C: the time to open a conversation of 10,000 messages, and the frames that are drawn while a reply
arrives in it and the user scrolls.  Times are those of the processor in the main thread, so that other programs do not change them.

usage: chat-window-c.py TRANSLATIONS-DIRECTORY PROGRAM PRELOADED-MODULE
"""

import importlib.util
import os
import pathlib
import signal
import statistics
import sys
import time

SECONDS = 4
MAX_OPENING = 0.3   # seconds
INTERVAL = 16.7     # of frames, ms
module = sys.argv.pop() if len(sys.argv) == 4 else sys.exit(__doc__)


def load_desktop():
    """The test of the window starts an X server, the accessibility service and the mock service."""
    path = pathlib.Path(__file__).resolve().parent.parent / "bindings" / "test-chat-accessible.py"
    spec = importlib.util.spec_from_file_location("chat_accessible", path)
    desktop = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(desktop)
    return desktop


def get_cpu_seconds(pid):
    """Of the main thread."""
    return int(pathlib.Path("/proc/%d/task/%d/schedstat" % (pid, pid)).read_text().split()[0]) / 1e9


def wait_until_quiet(pid):
    """Returns the processor time when the thread has used nearly none of it for 0.3 s."""
    last = get_cpu_seconds(pid)
    while True:
        time.sleep(0.3)
        now = get_cpu_seconds(pid)
        if now - last < 0.005:
            return now
        last = now


def measure_opening(desktop, app):
    """The newest conversation is the last in the list: the empty one is selected, and the key selects the next one."""
    desktop.wait_for(lambda: len(app.find_all("list item", inside="Conversations")) == 2, "the conversation is not listed", 30)
    app.press("F9")
    before = wait_until_quiet(app.process.pid)
    app.press("Down")
    seconds = wait_until_quiet(app.process.pid) - before
    app.wait_messages("Text of item 9999")
    print("opening 10,000 messages: %.2f s" % seconds)
    return seconds


def use_wheel(desktop, button):
    """Turns the wheel of the mouse, whose pointer is above the messages: button 4 scrolls up, and button 5 down."""
    desktop.accessibility.call("org.a11y.atspi.Registry", "/org/a11y/atspi/registry/deviceeventcontroller", "org.a11y.atspi.DeviceEventController",
                               "GenerateMouseEvent", desktop.GLib.Variant("(iis)", (desktop.WIDTH * 2 // 3, desktop.HEIGHT // 3, "b%dc" % button)))


def measure_frames(desktop, app, path, scrolls=False):
    app.process.send_signal(signal.SIGUSR1)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        for button in (4, 5) if scrolls else ():
            for _turn in range(10):
                use_wheel(desktop, button)
                time.sleep(0.02)
        time.sleep(0.02)
    app.process.send_signal(signal.SIGUSR1)
    desktop.wait_for(path.exists, "no frame was drawn")
    frames = [int(line) / 1000 for line in path.read_text().split()]
    path.unlink()
    dropped = sum(int(frame // INTERVAL) for frame in frames)
    return "%d frames in %d s, %d dropped; one takes %.1f ms, at most %.1f ms of %.1f ms" % (
        len(frames), SECONDS, dropped, statistics.median(frames), max(frames), INTERVAL)


def main():
    desktop = load_desktop()
    desktop.mock.start_in_thread()
    desktop.accessibility = desktop.Accessibility()
    (desktop.root / "data" / desktop.APP_ID).mkdir()
    desktop.write_history(10000)
    path = desktop.root / "frames"
    os.environ["OAI_CHAT_FRAMES"] = str(path)
    app = desktop.Application(["env", "LD_PRELOAD=" + module, *desktop.PROGRAM])
    seconds = measure_opening(desktop, app)
    print("idle: " + measure_frames(desktop, app, path))
    print("scrolling: " + measure_frames(desktop, app, path, True))
    desktop.mock.set_delta_delay(5)
    app.find("text", "Message").set_text("Write **much** text. " + "Please `reply` with a sentence that fills a line of the window, or **two**.\n\n" * 200)
    app.click("Send")
    app.wait_messages("You said: Write much text")
    print("streaming: " + measure_frames(desktop, app, path))
    print("streaming and scrolling: " + measure_frames(desktop, app, path, True))
    app.click("Stop")
    app.wait_until_idle()
    app.close()
    desktop.mock.stop()
    return 0 if seconds < MAX_OPENING else 1


if __name__ == "__main__":
    sys.exit(main())
