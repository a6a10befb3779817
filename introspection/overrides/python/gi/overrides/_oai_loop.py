# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs coroutines on the main loop of GLib."""

import asyncio
import threading
import traceback
import weakref

from gi.repository import GLib


class MainLoop(asyncio.AbstractEventLoop):
    """An event loop of asyncio whose callbacks are dispatched by a GMainContext.

    Futures, tasks, timers, locks and threads of asyncio work.  Files and sockets of asyncio do not: GIO has them.
    """

    def __init__(self, context):
        self.context = context
        self._sources = {}
        self._executor = None

    def _dispatch(self, handle):
        """Runs a callback.  The main loop may be iterated by a task: another task then runs inside it."""
        outer_loop = asyncio._get_running_loop()
        outer_task = asyncio.current_task(self)
        self._sources.pop(handle, None)
        if outer_task is not None:
            asyncio._leave_task(self, outer_task)
        asyncio._set_running_loop(self)
        try:
            handle._run()
        finally:
            asyncio._set_running_loop(outer_loop)
            if outer_task is not None:
                asyncio._enter_task(self, outer_task)
        return GLib.SOURCE_REMOVE

    def _attach(self, source, handle):
        source.set_priority(GLib.PRIORITY_DEFAULT)
        source.set_callback(lambda _data: not handle.cancelled() and self._dispatch(handle))
        source.attach(self.context)
        return handle

    def call_soon(self, callback, *args, context=None):
        return self._attach(GLib.Idle(), asyncio.Handle(callback, args, self, context))

    call_soon_threadsafe = call_soon

    def call_later(self, delay, callback, *args, context=None):
        return self.call_at(self.time() + delay, callback, *args, context=context)

    def call_at(self, when, callback, *args, context=None):
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        self._sources[handle] = GLib.Timeout(max(0, round((when - self.time()) * 1000)))
        return self._attach(self._sources[handle], handle)

    def _timer_handle_cancelled(self, handle):
        source = self._sources.pop(handle, None)
        if source is not None:
            source.destroy()

    def time(self):
        return GLib.get_monotonic_time() / 1000000

    def create_future(self):
        return asyncio.Future(loop=self)

    def create_task(self, coro, *, name=None, context=None):
        return asyncio.Task(coro, loop=self, name=name, context=context)

    def run_in_executor(self, executor, func, *args):
        if executor is None and self._executor is None:
            from concurrent.futures import ThreadPoolExecutor

            self._executor = ThreadPoolExecutor(thread_name_prefix="oai")
        return asyncio.wrap_future((executor or self._executor).submit(func, *args), loop=self)

    def call_exception_handler(self, context):
        error = context.get("exception")
        lines = [context.get("message") or "An error in a callback of asyncio"]
        lines += traceback.format_exception(error) if error is not None else []
        GLib.log_default_handler("Oai", GLib.LogLevelFlags.LEVEL_WARNING, "\n".join(lines), None)

    def get_debug(self):
        return False

    def is_running(self):
        return asyncio._get_running_loop() is self

    def is_closed(self):
        return False


class _Loops(threading.local):
    """The event loops of a thread.  That of the global main context is kept, since locks of asyncio belong to a loop."""

    def __init__(self):
        super().__init__()
        self.default = MainLoop(GLib.MainContext.default())
        self.others = weakref.WeakSet()


_loops = _Loops()


def get():
    """The event loop of the thread-default main context.  A program that uses gi.events has one already."""
    running = asyncio._get_running_loop()
    if type(running).__module__ == "gi.events":
        return running
    context = GLib.MainContext.get_thread_default()
    if context is None or context == _loops.default.context:
        return _loops.default
    found = next((loop for loop in _loops.others if loop.context == context), None) or MainLoop(context)
    _loops.others.add(found)
    return found


def run(coroutine):
    loop = get()
    if not isinstance(loop, MainLoop) or loop.context.is_owner():
        coroutine.close()
        raise RuntimeError("the main loop runs already: create a task of asyncio instead")
    main_loop = GLib.MainLoop.new(loop.context, False)
    task = loop.create_task(coroutine)
    task.add_done_callback(lambda _task: main_loop.quit())
    try:
        main_loop.run()
    finally:
        task.cancel()
    return task.result()
