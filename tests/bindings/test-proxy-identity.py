#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Authenticators of the proxy in Python: subclasses, and the ready-made ones.  Prints TAP."""

import os
import sys
import tempfile

import gi

gi.require_version("Oai", "1")
from gi.repository import Gio, GLib, Oai  # noqa: E402


class Authenticator(Oai.ProxyAuthenticator):
    """Decides by its attribute."""

    decision = None

    def do_authenticate_now(self, request):
        return self.decision(self, request)


class LaterAuthenticator(Oai.ProxyAuthenticator):
    """Decides in a later iteration of the main context."""

    error = None

    def do_authenticate_async(self, request, cancellable, callback, *_data):
        GLib.idle_add(lambda: callback(self, Gio.Task.new(self, None, None, None)))

    def do_authenticate_finish(self, _result):
        if self.error:
            raise self.error
        return Oai.ProxyIdentity.new("later", None)


def authenticate(authenticator):
    """Returns the id of the identity, or None."""
    results = []
    loop = GLib.MainLoop()

    def done(source, result):
        results.append(result)
        loop.quit()

    authenticator.authenticate_async(Oai.ProxyRequest(), None, done)
    loop.run()
    identity = authenticator.authenticate_finish(results[0])
    return identity and identity.get_id()


def expect_error(function, domain, code):
    try:
        result = function()
    except GLib.Error as error:
        assert error.matches(domain, code), error
        return error.message
    raise AssertionError("no error, but %r" % (result,))


def make(decision):
    authenticator = Authenticator()
    authenticator.decision = decision
    return authenticator


def test_accept():
    assert authenticate(make(lambda self, request: (True, Oai.ProxyIdentity.new("alice", None)))) == "alice"
    assert make(lambda self, request: (True, Oai.ProxyIdentity.new("bob", None))).authenticate_now(Oai.ProxyRequest())[1].get_id() == "bob"


def test_other_kind():
    assert authenticate(make(lambda self, request: (True, None))) is None


def test_refuse():
    def refuse(self, request):
        raise GLib.Error.new_literal(Oai.proxy_error_quark(), "The account is closed", Oai.ProxyError.FORBIDDEN)

    message = expect_error(lambda: authenticate(make(refuse)), Oai.proxy_error_quark(), Oai.ProxyError.FORBIDDEN)
    assert message == "The account is closed", message


def test_exception_refuses():
    """A programming error lets no client in.  PyGObject prints the exception."""
    def fail(self, request):
        raise KeyError("alice")

    hook, sys.excepthook = sys.excepthook, lambda *arguments: None
    try:
        expect_error(lambda: authenticate(make(fail)), Oai.proxy_error_quark(), Oai.ProxyError.INTERNAL)
    finally:
        sys.excepthook = hook


def test_undecided():
    expect_error(lambda: authenticate(make(lambda self, request: (False, None))), Oai.proxy_error_quark(), Oai.ProxyError.INTERNAL)


def test_later():
    authenticator = LaterAuthenticator()
    assert authenticate(authenticator) == "later"
    authenticator.error = GLib.Error.new_literal(Oai.proxy_error_quark(), "No", Oai.ProxyError.UNAUTHENTICATED)
    expect_error(lambda: authenticate(authenticator), Oai.proxy_error_quark(), Oai.ProxyError.UNAUTHENTICATED)


def test_limits():
    limits = Oai.ProxyLimits(requests_per_minute=5)
    authenticator = make(lambda self, request: (True, self.create_identity("alice", "small")))
    expect_error(lambda: authenticate(authenticator), Oai.proxy_error_quark(), Oai.ProxyError.FORBIDDEN)
    authenticator.set_limits("small", limits)
    assert authenticate(authenticator) == "alice"
    assert authenticator.get_limits("small") == limits
    assert authenticator.create_identity("alice", "small").get_limits().get_requests_per_minute() == 5


def test_token_file():
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "tokens")
        token = Oai.ProxyTokenFile.generate_token()
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            file.write(Oai.ProxyTokenFile.format_line("alice", token, None) + "\n")
        authenticator = Oai.ProxyTokenFile.new(path)
        authenticator.add_token("bob", Oai.ProxyTokenFile.generate_token(), "small")
        assert authenticator.get_n_tokens() == 2
        assert authenticator.list_limits_names() == ["small"]
        expect_error(lambda: authenticator.add_token("eve", "short", None), Oai.error_quark(), Oai.Error.INVALID_ARGUMENT)
        with open(path, encoding="utf-8") as file:
            assert token not in file.read()


def test_token_issuer():
    issuer = Oai.ProxyTokenIssuer.new()
    expect_error(lambda: issuer.issue("alice", None, 1000), Oai.error_quark(), Oai.Error.INVALID_ARGUMENT)
    issuer.add_key("k1", GLib.Bytes.new(os.urandom(32)))
    assert issuer.issue("alice", None, 1000).startswith("sess-k1.")
    issuer.props.clock_skew_ms = 0
    assert issuer.get_clock_skew_ms() == 0


def test_others():
    command = Oai.ProxyCommand.new(["true"])
    command.props.cache_ms = 1000
    assert authenticate(command) is None
    users = Oai.ProxyPeerCredentials.new()
    assert users.add_user(os.getuid(), "me", None)
    assert authenticate(users) is None
    certificates = Oai.ProxyClientCertificates.new(None)
    assert certificates.add_fingerprint("ab" * 32, "alice", None)
    assert authenticate(certificates) is None
    expect_error(lambda: Oai.ProxyOpenId.new("http://issuer.example", "proxy", None), Oai.error_quark(), Oai.Error.INVALID_ARGUMENT)


def main():
    tests = [(name, value) for name, value in globals().items() if name.startswith("test_")]
    failures = 0
    print("1..%d" % len(tests))
    for number, (name, test) in enumerate(tests, 1):
        try:
            test()
            print("ok %d %s" % (number, name[5:]))
        except Exception as error:  # noqa: BLE001
            failures += 1
            print("not ok %d %s\n# %r" % (number, name[5:], error))
        sys.stdout.flush()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
