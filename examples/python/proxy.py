#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A back end that forwards requests to the API with its own key.  It accepts the tokens that proxy-login.py issues.

usage: proxy.py ADDRESS KEYS [USAGE-LOG], for example "proxy.py 127.0.0.1:8080 token-keys usage.db" (the files are created if they do
not exist)
"""

import os
import signal
import sys

import gi

gi.require_version("Oai", "1")
from gi.repository import GLib, Oai  # noqa: E402


def create_issuer(path):
    if not os.path.exists(path):
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(Oai.ProxyTokenIssuer.generate_key_line("first") + "\n")
    issuer = Oai.ProxyTokenIssuer.new()
    issuer.load_keys(path)

    # The limits of tokens that name "free".
    limits = Oai.ProxyLimits(requests_per_minute=20, tokens_per_day=100000, allowed_operations=["chat.*", "models.*"])
    issuer.set_limits("free", limits)
    return issuer


def on_finished(_server, report):
    tokens = ", %d tokens" % (report.get_input_tokens() + report.get_output_tokens()) if report.has_usage() else ""
    print("%s: %s, status %d%s" % (report.get_identity() or "unknown", report.get_operation(), report.get_status(), tokens), flush=True)


def main():
    if len(sys.argv) not in (3, 4):
        print("usage: proxy.py ADDRESS KEYS [USAGE-LOG]", file=sys.stderr)
        return 2
    loop = GLib.MainLoop()
    server = Oai.ProxyServer.new(Oai.Client())
    server.connect("finished", on_finished)

    def stopped(server, result):
        try:
            server.shutdown_finish(result)
        except GLib.Error as error:
            print(error.message, file=sys.stderr)
        loop.quit()

    def stop():
        """Replies that are being sent may take five more seconds."""
        server.shutdown_async(5000, None, stopped)
        return GLib.SOURCE_REMOVE

    try:
        server.add_authenticator(create_issuer(sys.argv[2]))
        server.open_usage_log(sys.argv[3] if len(sys.argv) > 3 else None)
        server.listen(sys.argv[1], None)
    except (GLib.Error, OSError) as error:
        print(getattr(error, "message", error), file=sys.stderr)
        return 1
    print("Listening at http://%s/v1" % server.list_addresses()[0], flush=True)
    for number in (signal.SIGINT, signal.SIGTERM):
        GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, number, stop)
    loop.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
