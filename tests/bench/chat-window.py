#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures the chat window in Python: the time to open a conversation of 10,000 messages, and the frames that are drawn while a
reply arrives and the user scrolls.  Times are those of the processor in the main thread, so that other programs do not change them.

usage: chat-window.py EXAMPLE-DIRECTORY
"""

import importlib.util
import pathlib
import statistics
import sys
import time

SECONDS = 4


def load_test():
    """The test of the window starts an X server, the mock service and the application."""
    path = pathlib.Path(__file__).resolve().parent.parent / "bindings" / "test-chat-window.py"
    spec = importlib.util.spec_from_file_location("chat_test", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def count_frames(test, window, scrolls):
    """The processor time from one frame to the next, in ms, while the window is drawn as often as possible: input and replies,
    the layout and drawing.  A frame is dropped if that takes longer than the frame interval."""
    times = []
    adjustment = window.conversation.messages.scrolled.get_vadjustment()

    def on_tick(*_arguments):
        times.append(time.thread_time())
        if scrolls:
            # Up and down in the last screens.
            bottom = adjustment.get_upper() - adjustment.get_page_size()
            adjustment.set_value(max(0, bottom - abs(len(times) % 120 - 60) * 20))
        window.conversation.messages.view.queue_draw()
        return True

    tick = window.add_tick_callback(on_tick)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        test.GLib.MainContext.default().iteration(True)
    window.remove_tick_callback(tick)
    interval = window.get_frame_clock().get_refresh_info(0)[0] / 1000
    durations = [(second - first) * 1000 for first, second in zip(times, times[1:])]
    dropped = sum(int(duration // interval) for duration in durations)
    return len(times), dropped, statistics.median(durations), max(durations), interval


def measure_opening(test):
    (test.root / "data" / test.chat.APP_ID).mkdir(exist_ok=True)
    (test.root / "data" / test.chat.APP_ID / "long.json").write_text(test.make_history(10000))
    window = test.start()
    test.wait_for(lambda: window.store.model.get_n_items() == 2)
    drawn = []
    begin = time.thread_time()
    window.sidebar.selection.set_selected(1)
    window.get_frame_clock().connect("after-paint", lambda _clock: drawn.append(1))
    test.wait_for(lambda: drawn and "item 9999." in test.get_shown_text(window))
    print("opening 10,000 messages: %.2f s" % (time.thread_time() - begin))
    return window


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    test = load_test()
    test.mock.start_in_thread()
    window = measure_opening(test)
    for name, delay, scrolls in (("idle", None, False), ("scrolling", None, True), ("streaming", 5, False), ("streaming and scrolling", 5, True)):
        if delay:
            test.mock.set_delta_delay(delay)
            test.enter(window, "Write **much** text. " + "Please `reply` with a sentence that fills a line of the window, or **two**.\n\n" * 100)
            test.wait_for(lambda: window.session.get_state() == test.State.STREAMING)
            test.wait_frames(window, 10)
        frames, dropped, median, longest, interval = count_frames(test, window, scrolls)
        print("%s: %d frames in %d s, %d dropped; one takes %.1f ms, at most %.1f ms of %.1f ms" %
              (name, frames, SECONDS, dropped, median, longest, interval))
        if delay:
            window.session.stop()
            test.wait_until_idle(window)
    test.close(window)
    test.mock.stop()


if __name__ == "__main__":
    main()
