# SPDX-License-Identifier: LGPL-2.1-or-later
"""What makes the library read like Python.

Everything here is an addition: whatever it does can be done without it, by the
methods that C has.  ``await`` on methods needs PyGObject 3.50 or later, which
does it by itself; ``async for`` works wherever an asyncio loop runs on GLib's
main loop.
"""

import asyncio
import json
from collections.abc import Mapping

from gi.repository import Gio, GLib

from ..module import get_introspection_module
from ..overrides import override

Oai = get_introspection_module("Oai")

__all__ = []


async def _wait(start, finish, *arguments):
    """Calls an asynchronous method, waits for it, and cancels it if it is cancelled itself."""
    cancellable = Gio.Cancellable()
    future = asyncio.get_running_loop().create_future()

    def done(_source, result):
        try:
            value = finish(result)
        except GLib.Error as error:
            if not future.done():
                future.set_exception(error)
        else:
            if not future.done():
                future.set_result(value)

    start(*arguments, cancellable, done)
    try:
        return await future
    except asyncio.CancelledError:
        cancellable.cancel()
        raise


def _to_plain(value):
    """A value as json.dumps takes it: records become dictionaries."""
    if isinstance(value, Oai.Record):
        return json.loads(Oai.Record.to_json(value))
    if isinstance(value, Mapping):
        return {key: _to_plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_to_plain(item) for item in value]
    return value


class Record(Oai.Record):
    """Members by name, as in a dictionary; typed fields as attributes."""

    def __init__(self, **fields):
        properties = {}
        others = {}
        for name, value in fields.items():
            known = self.find_property(name.replace("_", "-")) is not None
            plain = not isinstance(value, (Mapping, list, tuple))
            (properties if known and plain else others)[name] = value
        super().__init__(**properties)
        for name, value in others.items():
            self._set_field(name, value)

    def _set_field(self, name, value):
        setter = getattr(type(self), "set_" + name, None)
        records = isinstance(value, (list, tuple)) and value and all(isinstance(item, Oai.Record) for item in value)
        if setter is not None and records:
            setter(self, list(value))
        elif setter is not None and isinstance(value, str):
            setter(self, value)
        elif setter is not None or self.find_property(name.replace("_", "-")) is not None:
            self[name] = value
        else:
            raise TypeError("%s has no field %s" % (type(self).__name__, name))

    def __getattr__(self, name):
        if not name.startswith("_"):
            if self.find_property(name.replace("_", "-")) is not None:
                return self.get_property(name.replace("_", "-"))
            getter = getattr(type(self), "get_" + name, None)
            if getter is not None:
                return getter(self)
        raise AttributeError("%s has no field %s" % (type(self).__name__, name))

    def __getitem__(self, member):
        text = self.dup_member(member) if isinstance(member, str) else None
        if text is None:
            raise KeyError(member)
        return json.loads(text)

    def __setitem__(self, member, value):
        self.set_member(member, json.dumps(_to_plain(value)))

    def __delitem__(self, member):
        if member not in self:
            raise KeyError(member)
        self.unset(member)

    def __contains__(self, member):
        return isinstance(member, str) and self.has(member)

    def __iter__(self):
        return iter(self.list_members())

    def __len__(self):
        return len(self.list_members())

    def __bool__(self):
        return True

    def __str__(self):
        return self.to_string()

    def keys(self):
        return self.list_members()

    def values(self):
        return [self[member] for member in self]

    def items(self):
        return [(member, self[member]) for member in self]

    def get(self, member, default=None):
        return self[member] if member in self else default

    def to_dict(self):
        return json.loads(self.to_json())


Record = override(Record)
__all__.append("Record")


class Page(Oai.Page):
    """Iterates over all items; asks the server for the next page when it gets there."""

    def _look_at(self, position):
        """The item there, without the page that get_item() loads by itself at the last one."""
        auto_load = self.get_auto_load()
        self.set_auto_load(False)
        item = self.get_item(position)
        self.set_auto_load(auto_load)
        return item

    async def _wait_until_loaded(self):
        future = asyncio.get_running_loop().create_future()
        handler = self.connect("notify::loading", lambda *_: future.done() or future.set_result(None))
        try:
            await future
        finally:
            self.disconnect(handler)

    def __iter__(self):
        position = 0
        while position < self.get_n_loaded() or (self.get_has_more() and self.load_more(None)):
            if position < self.get_n_loaded():
                yield self._look_at(position)
                position += 1

    async def __aiter__(self):
        position = 0
        while True:
            if position < self.get_n_loaded():
                yield self._look_at(position)
                position += 1
            elif self.is_loading():
                await self._wait_until_loaded()
            elif not self.get_has_more() or not await _wait(self.load_more_async, self.load_more_finish):
                return

    def __bool__(self):
        return True


Page = override(Page)
__all__.append("Page")


class Stream(Oai.Stream):
    """Iterates over the chunks; leaving the loop or the ``with`` block closes the connection."""

    def __iter__(self):
        try:
            while True:
                chunk = self.next(None)
                if chunk is None:
                    return
                yield chunk
        finally:
            self.close()

    async def __aiter__(self):
        try:
            while True:
                chunk = await _wait(self.next_async, self.next_finish)
                if chunk is None:
                    return
                yield chunk
        finally:
            self.close()

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.close()

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_exception):
        self.close()


Stream = override(Stream)
__all__.append("Stream")


class Client(Oai.Client):
    """Endpoints as attributes: ``client.chat``, ``client.fine_tuning``."""

    def __init__(self, auth=None, settings=None, *, api_key=None, base_url=None, **properties):
        if api_key is not None:
            auth = Oai.Auth.new(api_key)
        if base_url is not None:
            settings = Oai.Settings.new_for_base_url(base_url)
        super().__init__(auth=auth, settings=settings, **properties)

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self.get_endpoint(name.replace("_", "-"))
        except GLib.Error as error:
            if error.matches(Oai.error_quark(), Oai.Error.MODULE):
                raise AttributeError(error.message) from error
            raise


Client = override(Client)
__all__.append("Client")


class Endpoint(Oai.Endpoint):
    """Operations by name with plain values: ``endpoint.call_operation("create", {...})``."""

    def call_operation(self, operation, arguments=None, cancellable=None):
        text = self.call(operation, json.dumps(_to_plain(arguments or {})), cancellable)
        return json.loads(text) if text else None


Endpoint = override(Endpoint)
__all__.append("Endpoint")
