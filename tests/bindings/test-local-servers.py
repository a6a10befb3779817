#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Finds a server at a UNIX socket of the user's runtime directory, and chats with it."""

import os
import socket
import sys
import tempfile
import threading
import traceback

import gi
gi.require_version("Oai", "1")
gi.require_version("OaiMock", "1")
from gi.repository import Gio, GLib, Oai, OaiMock  # noqa: E402


def forward(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    finally:
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def relay(listener, port):
    """Connects each connection to the mock service."""
    while True:
        client, _address = listener.accept()
        server = socket.create_connection(("127.0.0.1", port))
        for ends in ((client, server), (server, client)):
            threading.Thread(target=forward, args=ends, daemon=True).start()


def find(directory):
    path = os.path.join(directory, "llama.cpp.sock")
    servers = [server for server in Oai.find_local_servers() if server.base_url == "unix:%s:/v1" % path]
    assert len(servers) == 1, [server.base_url for server in Oai.find_local_servers()]
    return servers[0]


def a_server_is_found(directory):
    server = find(directory)
    assert server.name == server.get_name() == "llama.cpp", server.name
    assert "gpt-4o" in server.models and server.models == server.get_models(), server.models


def a_found_server_answers(directory):
    client = Oai.Client(api_key="sk-test", base_url=find(directory).base_url)
    assert client.settings.base_url == find(directory).base_url
    assert client.chat.ask("gpt-4o", "Hello", None) == "You said: Hello"


def the_search_is_awaited(directory):
    async def main():
        servers = await Oai.find_local_servers_async()
        return [server.base_url for server in servers]

    assert find(directory).base_url in Oai.run(main())


def the_search_takes_a_callback(directory):
    loop = GLib.MainLoop()
    urls = []

    def done(_source, result):
        urls.extend(server.base_url for server in Oai.find_local_servers_finish(result))
        loop.quit()

    Oai.find_local_servers_async(None, done)
    loop.run()
    assert find(directory).base_url in urls


def the_search_is_cancelled(_directory):
    cancellable = Gio.Cancellable()
    cancellable.cancel()
    try:
        Oai.find_local_servers(cancellable)
    except GLib.Error as error:
        assert error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED), error
    else:
        raise AssertionError("not cancelled")


TESTS = [a_server_is_found, a_found_server_answers, the_search_is_awaited, the_search_takes_a_callback, the_search_is_cancelled]


def main():
    failures = 0
    mock = OaiMock.Server.new()
    mock.start_in_thread()
    with tempfile.TemporaryDirectory() as directory, socket.socket(socket.AF_UNIX) as listener:
        os.environ["XDG_RUNTIME_DIR"] = directory
        GLib.setenv("XDG_RUNTIME_DIR", directory, True)
        listener.bind(os.path.join(directory, "llama.cpp.sock"))
        listener.listen()
        threading.Thread(target=relay, args=(listener, mock.get_port()), daemon=True).start()
        print("1..%d" % len(TESTS))
        for number, function in enumerate(TESTS, 1):
            name = function.__name__.replace("_", "-")
            try:
                function(directory)
                print("ok %d %s" % (number, name), flush=True)
            except Exception:
                failures += 1
                print("not ok %d %s" % (number, name))
                print("\n".join("# " + line for line in traceback.format_exc().splitlines()), flush=True)
        mock.stop()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
