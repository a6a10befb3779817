#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Unlocks the keyring of a service on a private bus, and moves keys from files into it."""

import os
import sys
import tempfile
import traceback

import gi
gi.require_version("Oai", "1")
from gi.repository import Gio, GLib, Oai  # noqa: E402

ROOT = "/org/freedesktop/secrets"
COLLECTION = ROOT + "/collection/login"
ITEM = COLLECTION + "/1"
PROMPT = ROOT + "/prompt/1"
SERVICE = "test.example"

INTERFACES = """<node>
<interface name='org.freedesktop.Secret.Service'>
<method name='OpenSession'><arg type='s' direction='in'/><arg type='v' direction='in'/><arg type='v' direction='out'/><arg type='o' direction='out'/></method>
<method name='SearchItems'><arg type='a{ss}' direction='in'/><arg type='ao' direction='out'/><arg type='ao' direction='out'/></method>
<method name='ReadAlias'><arg type='s' direction='in'/><arg type='o' direction='out'/></method>
<method name='Unlock'><arg type='ao' direction='in'/><arg type='ao' direction='out'/><arg type='o' direction='out'/></method>
<property name='Collections' type='ao' access='read'/>
</interface>
<interface name='org.freedesktop.Secret.Collection'>
<method name='CreateItem'><arg type='a{sv}' direction='in'/><arg type='(oayays)' direction='in'/><arg type='b' direction='in'/><arg type='o' direction='out'/><arg type='o' direction='out'/></method>
<property name='Items' type='ao' access='read'/><property name='Label' type='s' access='read'/>
<property name='Locked' type='b' access='read'/><property name='Created' type='t' access='read'/><property name='Modified' type='t' access='read'/>
</interface>
<interface name='org.freedesktop.Secret.Item'>
<method name='GetSecret'><arg type='o' direction='in'/><arg type='(oayays)' direction='out'/></method>
<property name='Locked' type='b' access='read'/><property name='Attributes' type='a{ss}' access='read'/>
<property name='Label' type='s' access='read'/><property name='Created' type='t' access='read'/><property name='Modified' type='t' access='read'/>
</interface>
<interface name='org.freedesktop.Secret.Prompt'>
<method name='Prompt'><arg type='s' direction='in'/></method>
<method name='Dismiss'/>
<signal name='Completed'><arg type='b'/><arg type='v'/></signal>
</interface>
</node>"""


class Keyring:
    """The state of a keyring, and the service that shows it."""

    def __init__(self, address):
        self.reset()
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        self.bus = Gio.DBusConnection.new_for_address_sync(address, flags, None, None)
        interfaces = Gio.DBusNodeInfo.new_for_xml(INTERFACES).interfaces
        objects = [(ROOT, 0), (COLLECTION, 1), (ROOT + "/aliases/default", 1), (ITEM, 2), (PROMPT, 3)]
        for path, index in objects:
            self.bus.register_object(path, interfaces[index], self.call, self.get, None)
        Gio.bus_own_name_on_connection(self.bus, "org.freedesktop.secrets", Gio.BusNameOwnerFlags.NONE, None, None)

    def reset(self, locked=False, secret=None, lists_locked=True, answer="unlock"):
        self.locked = locked
        self.secret = secret
        self.lists_locked = lists_locked
        self.answer = answer
        self.prompts = 0
        self.dismissed = False
        self.loses_writes = False

    def complete(self, dismissed):
        self.locked = dismissed
        result = GLib.Variant("v", GLib.Variant("ao", [] if dismissed else self.to_unlock))
        self.bus.emit_signal(None, PROMPT, "org.freedesktop.Secret.Prompt", "Completed", GLib.Variant.new_tuple(GLib.Variant("b", dismissed), result))

    def call(self, _bus, _sender, _path, _interface, method, arguments, invocation):
        arguments = arguments.unpack()
        if method == "OpenSession" and arguments[0] != "plain":
            invocation.return_dbus_error("org.freedesktop.DBus.Error.NotSupported", "plain only")
            return
        if method == "OpenSession":
            reply = GLib.Variant("(vo)", (GLib.Variant("s", ""), ROOT + "/session/1"))
        elif method == "SearchItems":
            visible = [ITEM] if self.secret is not None and (self.lists_locked or not self.locked) else []
            reply = GLib.Variant("(aoao)", ([] if self.locked else visible, visible if self.locked else []))
        elif method == "ReadAlias":
            reply = GLib.Variant("(o)", (COLLECTION,))
        elif method == "Unlock":
            self.to_unlock = arguments[0]
            reply = GLib.Variant("(aoo)", ([], PROMPT))
        elif method == "Prompt":
            self.prompts += 1
            reply = None
            if self.answer != "wait":
                GLib.idle_add(self.complete, self.answer == "dismiss")
        elif method == "Dismiss":
            self.dismissed = True
            reply = None
            GLib.idle_add(self.complete, True)
        elif method == "CreateItem":
            assert not self.locked
            self.secret = b"another" if self.loses_writes else bytes(arguments[1][2])
            reply = GLib.Variant("(oo)", (ITEM, "/"))
        elif method == "GetSecret":
            assert not self.locked
            reply = GLib.Variant("((oayays))", ((arguments[0], b"", self.secret, "text/plain"),))
        invocation.return_value(reply)

    def get(self, _bus, _sender, _path, _interface, name):
        if name == "Locked":
            return GLib.Variant("b", self.locked)
        if name in ("Collections", "Items"):
            return GLib.Variant("ao", [COLLECTION if name == "Collections" else ITEM])
        if name == "Attributes":
            return GLib.Variant("a{ss}", {"service": SERVICE, "xdg:schema": "org.openai.Oai.Key"})
        if name == "Label":
            return GLib.Variant("s", "test")
        return GLib.Variant("t", 0)


def run(begin, finish):
    """Runs an asynchronous function of Oai.Auth; returns its result or its error."""
    done = []
    begin(lambda _source, result: done.append(result))
    context = GLib.MainContext.default()
    while not done:
        context.iteration(True)
    try:
        return finish(done[0])
    except GLib.Error as error:
        assert "sk-" not in error.message, error.message
        return error


def load():
    return run(lambda callback: Oai.Auth.new_from_keyring_async(SERVICE, None, callback), Oai.Auth.new_from_keyring_finish)


def load_or_none():
    return run(lambda callback: Oai.Auth.new_from_keyring_or_none_async(SERVICE, None, callback), Oai.Auth.new_from_keyring_or_none_finish)


def unlock(cancellable=None):
    return run(lambda callback: Oai.Auth.unlock_keyring_async(SERVICE, cancellable, callback), Oai.Auth.unlock_keyring_finish)


def move(path, cancellable=None):
    return run(lambda callback: Oai.Auth.move_to_keyring_async(path, SERVICE, cancellable, callback), Oai.Auth.move_to_keyring_finish)


def get_key(auth):
    return run(lambda callback: auth.request_token_async(None, callback), auth.request_token_finish)


def fails(result, code):
    assert isinstance(result, GLib.Error), result
    assert result.matches(Gio.io_error_quark(), code), result.message
    return True


def test_no_prompt_without_permission(keyring):
    keyring.reset(locked=True, secret=b"sk-test")
    assert fails(load(), Gio.IOErrorEnum.PERMISSION_DENIED)
    assert keyring.prompts == 0


def test_unlocked_by_the_prompt(keyring):
    keyring.reset(locked=True, secret=b"sk-test")
    assert unlock() is True
    assert keyring.prompts == 1
    assert get_key(load()) == "sk-test"
    assert unlock() is True, "an unlocked keyring needs no prompt"
    assert keyring.prompts == 1


def test_no_key_for_a_server_that_needs_none(keyring):
    keyring.reset(secret=None)
    auth = load_or_none()
    assert auth.get_source() == "none" and get_key(auth) == ""
    keyring.reset(secret=b"sk-test")
    assert get_key(load_or_none()) == "sk-test"
    keyring.reset(secret=b"{")
    error = load_or_none()
    assert error.matches(Oai.error_quark(), Oai.Error.AUTHENTICATION), error
    keyring.reset(locked=True, secret=b"sk-test")
    assert fails(load_or_none(), Gio.IOErrorEnum.PERMISSION_DENIED)
    assert keyring.prompts == 0


def test_locked_since_login(keyring):
    """The items of a keyring that was not unlocked since login are not listed."""
    keyring.reset(locked=True, secret=b"sk-test", lists_locked=False)
    assert fails(load(), Gio.IOErrorEnum.PERMISSION_DENIED)
    assert unlock() is True
    assert get_key(load()) == "sk-test"


def test_dismissed_prompt(keyring):
    for lists_locked in (True, False):
        keyring.reset(locked=True, secret=b"sk-test", lists_locked=lists_locked, answer="dismiss")
        assert fails(unlock(), Gio.IOErrorEnum.FAILED_HANDLED)
        assert keyring.prompts == 1


def test_cancelled_prompt(keyring):
    keyring.reset(locked=True, secret=b"sk-test", answer="wait")
    cancellable = Gio.Cancellable()

    def cancel():
        if keyring.prompts == 0:
            return True
        cancellable.cancel()
        return False
    GLib.timeout_add(1, cancel)
    assert fails(unlock(cancellable), Gio.IOErrorEnum.CANCELLED)
    context = GLib.MainContext.default()
    while not keyring.dismissed:
        context.iteration(True)


def write(directory, text):
    path = os.path.join(directory, "key")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, 0o600)
    return path


def test_file_is_moved(keyring):
    keyring.reset()
    with tempfile.TemporaryDirectory() as directory:
        path = write(directory, '{ "apiKey": "sk-moved", "organization": "org-x" }')
        auth = move(path)
        assert get_key(auth) == "sk-moved"
        assert auth.get_source() == "keyring" and auth.get_organization() == "org-x"
        assert not os.path.exists(path)
    assert get_key(load()) == "sk-moved"


def test_file_stays_without_the_keyring(keyring):
    with tempfile.TemporaryDirectory() as directory:
        path = write(directory, "# my key\nOPENAI_API_KEY=sk-stays\n")

        keyring.reset(locked=True)
        assert fails(move(path), Gio.IOErrorEnum.PERMISSION_DENIED)
        assert keyring.prompts == 0

        keyring.reset()
        keyring.loses_writes = True
        assert fails(move(path), Gio.IOErrorEnum.FAILED)

        keyring.reset()
        cancellable = Gio.Cancellable()
        cancellable.cancel()
        assert fails(move(path, cancellable), Gio.IOErrorEnum.CANCELLED)
        with open(path, encoding="utf-8") as file:
            assert file.read() == "# my key\nOPENAI_API_KEY=sk-stays\n"

        keyring.reset()
        assert get_key(move(path)) == "sk-stays"
        assert not os.path.exists(path)


def test_other_values_stay(keyring):
    keyring.reset()
    with tempfile.TemporaryDirectory() as directory:
        texts = ("OPENAI_API_KEY=sk-stays\nEDITOR=vi\n", '{ "apiKey": "sk-stays", "theme": "dark" }', "sk-stays\nOPENAI_API_KEY=sk-stays\n",
                 "OPENAI_SECRET_KEY=sk-stays\nTEST_OPENAI_SECRET_KEY=sk-other\n", '{ "key": "sk-stays", "secretKey": "sk-other" }',
                 "OPENAI_API_KEY=sk-stays\n\0OPENAI_ADMIN_KEY=sk-other\n", '{ "apiKey": "key=sk-stays" }')
        for text in texts:
            path = write(directory, text)
            assert fails(move(path), Gio.IOErrorEnum.NOT_SUPPORTED)
            assert os.path.exists(path)
        path = write(directory, "OPENAI_API_KEY=sk-stays\n")
        os.symlink(path, path + ".link")
        assert fails(move(path + ".link"), Gio.IOErrorEnum.NOT_SUPPORTED)
        assert os.path.exists(path)
        os.remove(path + ".link")
        os.link(path, path + ".link")
        assert fails(move(path), Gio.IOErrorEnum.NOT_SUPPORTED)
        assert os.path.exists(path)
        assert fails(move(path + ".absent"), Gio.IOErrorEnum.NOT_FOUND)
    assert keyring.secret is None


def main():
    os.environ.pop("SECRET_BACKEND", None)
    os.environ["LANGUAGE"] = "en"
    tests = [test_no_prompt_without_permission, test_unlocked_by_the_prompt, test_no_key_for_a_server_that_needs_none,
             test_locked_since_login, test_dismissed_prompt,
             test_cancelled_prompt, test_file_is_moved, test_file_stays_without_the_keyring, test_other_values_stay]
    bus = Gio.TestDBus.new(Gio.TestDBusFlags.NONE)
    bus.up()
    keyring = Keyring(bus.get_bus_address())
    failed = False
    print("1..%d" % len(tests))
    for number, test in enumerate(tests, 1):
        try:
            test(keyring)
            print("ok %d %s" % (number, test.__name__))
        except Exception:
            failed = True
            traceback.print_exc()
            print("not ok %d %s" % (number, test.__name__))
    sys.stdout.flush()
    Gio.TestDBus.unset()
    bus.stop()
    os._exit(1 if failed else 0)  # libsecret keeps the connection to the bus, whose end would end the process


if __name__ == "__main__":
    main()
