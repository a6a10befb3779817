#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A program in Python that embeds the proxy: usage records, limits that a restart keeps, and metrics.  Prints TAP."""

import os
import sqlite3
import sys
import tempfile

import gi

gi.require_version("Oai", "1")
gi.require_version("OaiMock", "1")
from gi.repository import GLib, Oai, OaiMock  # noqa: E402


class Proxy:
    """A server before the mock service, and a client that sends requests through it."""

    def __init__(self, mock, location, requests_per_day):
        auth, settings = Oai.Auth.new("sk-test"), Oai.Settings.new_for_base_url(mock.get_base_url())
        self.server = Oai.ProxyServer.new(Oai.Client(auth, settings))
        self.server.set_default_limits(Oai.ProxyLimits(requests_per_day=requests_per_day))
        self.server.open_usage_log(location)
        self.server.set_allow_anonymous(True)
        self.server.listen("127.0.0.1:0", None)
        settings = Oai.Settings.new_for_base_url("http://%s/v1" % self.server.list_addresses()[0])
        settings.set_max_retries(0)
        self.client = Oai.Client(auth, settings)

    def chat(self):
        request = Oai.ChatRequest.new("gpt-4o")
        request.add_user_message("Hello!")
        wait(lambda callback: self.client.chat.create_async(request, None, callback), self.client.chat.create_finish)

    def shut_down(self):
        wait(lambda callback: self.server.shutdown_async(60000, None, callback), self.server.shutdown_finish)


def wait(begin, finish):
    """The server and the client run in the default main context."""
    results = []
    begin(lambda _source, result: results.append(result))
    while not results:
        GLib.MainContext.default().iteration(True)
    return finish(results[0])


def expect_error(function, domain, code):
    try:
        function()
    except GLib.Error as error:
        assert error.matches(domain, code), error
        return error.message
    raise AssertionError("no error")


def usage_log_and_metrics(mock, location):
    proxy = Proxy(mock, location, 1)
    proxy.chat()
    expect_error(proxy.chat, Oai.error_quark(), Oai.Error.RATE_LIMITED)
    proxy.shut_down()
    database = sqlite3.connect(location)
    records = database.execute("SELECT identity, operation, status FROM usage_records ORDER BY status").fetchall()
    database.close()
    assert records == [("anonymous", "chat.create", 200), ("anonymous", "chat.create", 429)], records
    metrics = proxy.server.dup_metrics()
    assert 'oai_proxy_requests_total{operation="chat.create",status="200"} 1\n' in metrics, metrics


def restart_keeps_limits(mock, location):
    proxy = Proxy(mock, location, 1)
    proxy.chat()
    proxy.shut_down()
    restarted = Proxy(mock, location, 1)
    expect_error(restarted.chat, Oai.error_quark(), Oai.Error.RATE_LIMITED)
    restarted.shut_down()


def invalid_addresses(_mock, location):
    server = Oai.ProxyServer.new(None)
    expect_error(lambda: server.open_usage_log("mysql://127.0.0.1/usage"), Oai.error_quark(), Oai.Error.INVALID_ARGUMENT)
    message = expect_error(lambda: server.open_usage_log(os.path.join(location, "usage.db")), GLib.quark_from_string("g-io-error-quark"), 0)
    assert location in message, message
    try:
        server.open_counters("http://127.0.0.1", Oai.ProxyUnavailable.LOCAL)
    except GLib.Error as error:  # without the plug-in, no address is read
        assert error.matches(Oai.error_quark(), Oai.Error.INVALID_ARGUMENT) or error.matches(Oai.error_quark(), Oai.Error.MODULE), error
    else:
        raise AssertionError("no error")
    assert server.open_usage_log(None)
    assert server.open_counters(None, Oai.ProxyUnavailable.REFUSE)


def main():
    tests = [usage_log_and_metrics, restart_keeps_limits, invalid_addresses]
    failures = 0
    print("1..%d" % len(tests))
    for number, test in enumerate(tests, 1):
        mock = OaiMock.Server.new()
        mock.start_in_thread()
        with tempfile.TemporaryDirectory() as directory:
            try:
                test(mock, os.path.join(directory, "usage.db"))
                print("ok %d %s" % (number, test.__name__))
            except Exception as error:  # noqa: BLE001
                failures += 1
                print("not ok %d %s\n# %r" % (number, test.__name__, error))
        mock.stop()
        sys.stdout.flush()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
