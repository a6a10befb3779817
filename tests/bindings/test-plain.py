#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Creates each public class without arguments, and calls each of its methods.  Prints TAP.

The methods of endpoints are also called on the endpoints of a client, with objects
that were created like this.  A method can fail with an error.  It must not crash or
block, must call its callback, and must not cause warnings of other libraries about
invalid arguments.  Each class is tested in a separate process.

usage: test-plain.py [CLASS...]
"""

import contextlib
import os
import signal
import sys
import tempfile
import time
import warnings

import gi

gi.require_version("Oai", "1")
gi.require_version("OaiMock", "1")
from gi.repository import Gio, GLib, GObject, Oai, OaiMock  # noqa: E402

LIMIT = 30       # maximum seconds for a method, for very slow machines
WAIT = 10         # maximum seconds until a callback is called


def ask(info, *names):
    """Calls the method of this PyGObject version; the names changed with girepository-2.0."""
    return next(getattr(info, name) for name in names if hasattr(info, name))()


def list_classes():
    for name in sorted(dir(Oai)):
        cls = getattr(Oai, name, None)
        if isinstance(cls, type) and issubclass(cls, GObject.Object) and not cls.__gtype__.is_abstract():
            yield name, cls


def list_methods(cls):
    """(name, introspected function) of each function of the library."""
    seen = set()
    for base in cls.__mro__:
        if base.__gtype__.name in ("GObject", "GInterface") if hasattr(base, "__gtype__") else True:
            continue
        for name, value in vars(base).items():
            if name in seen or name.startswith(("_", "do_")) or not hasattr(value, "get_arguments"):
                continue
            seen.add(name)
            if value.is_method():
                yield name, value


def make_object(gtype, directory):
    name = gtype.name
    if name == "GFile":
        return Gio.File.new_for_path(os.path.join(directory, "file"))
    if name == "GInputStream":
        return Gio.MemoryInputStream.new_from_bytes(GLib.Bytes.new(b"x"))
    if name == "GOutputStream":
        return Gio.MemoryOutputStream.new_resizable()
    if name == "GAsyncResult":
        return Gio.Task.new(None, None, None, None)
    if name == "GBytes":
        return GLib.Bytes.new(b"\0\0\0\0")
    if name == "OaiInputFile":
        return Oai.InputFile()
    if name == "OaiTool":
        return Oai.Tool(name="tool")
    if name == "OaiToolset":
        return Oai.Toolset()
    if name == "OaiProxyRequest":
        return Oai.ProxyRequest()
    if name == "OaiSessionItem":
        return Oai.SessionItem()
    if gtype.is_a(Oai.Record.__gtype__):
        return make_record(gtype)
    return None


def make_record(gtype):
    """Passes empty files for arguments that are files."""
    record = Oai.Record.new_from_json(gtype, "{}")
    for pspec in record.list_properties():
        if pspec.value_type.is_a(Oai.InputFile.__gtype__):
            record.set_property(pspec.name, Oai.InputFile())
    for name in ("set_images", "set_files"):
        if hasattr(type(record), name):
            with contextlib.suppress(TypeError):  # a constructor with other arguments
                getattr(record, name)([Oai.InputFile()])
    return record


def make_argument(info, directory, done):
    tag = info.get_tag_as_string()
    if tag in ("utf8", "filename"):
        return os.path.join(directory, "file") if tag == "filename" else "x"
    if tag == "interface":
        interface = info.get_interface()
        if type(interface).__name__ == "CallbackInfo":
            return done
        return make_object(interface.get_g_type(), directory) if hasattr(interface, "get_g_type") else None
    if tag == "gboolean":
        return False
    return [] if tag == "array" else None if tag in ("glist", "gslist", "ghash", "void") else 1


def list_arguments(function, directory, done):
    infos = function.get_arguments()
    types = [ask(info, "get_type_info", "get_type") for info in infos]
    hidden = set()
    for info in infos:
        hidden.update(index for index in (ask(info, "get_closure_index", "get_closure"), ask(info, "get_destroy_index", "get_destroy"))
                      if index is not None and index >= 0)
    for info in types:
        if info.get_tag_as_string() == "array":
            hidden.add(ask(info, "get_array_length_index", "get_array_length"))
    return [make_argument(kind, directory, done) for number, (info, kind) in enumerate(zip(infos, types))
            if number not in hidden and info.get_direction() != gi._gi.Direction.OUT]


def call(made, name, function, directory):
    """The problem, or None."""
    calls = []

    def done(*_arguments):
        calls.append(True)

    with warnings.catch_warnings(record=True) as complaints:
        warnings.simplefilter("always")
        try:
            getattr(made, name)(*list_arguments(function, directory, done))
        except (GLib.Error, TypeError, ValueError, AttributeError, OverflowError, NotImplementedError):
            pass
        end = time.monotonic() + WAIT
        while name.endswith("_async") and not calls and time.monotonic() < end:
            GLib.MainContext.default().iteration(False)
            time.sleep(0.0001)
    if name.endswith("_async") and not calls:
        return "the callback was not called"
    internal = [str(complaint.message) for complaint in complaints if "assertion" in str(complaint.message)]
    return internal[0] if internal else None


def check_methods(cls, make, report, directory):
    for name, function in list_methods(cls):
        report("calls %s" % name)
        problem = call(make(), name, function, directory)
        if problem is not None:
            report("problem %s: %s" % (name, problem))


def check_class(cls, report, directory):
    check_methods(cls, cls, report, directory)
    if issubclass(cls, Oai.Endpoint):
        module = cls().get_name()
        check_methods(cls, lambda: Oai.Client().get_endpoint(module), report, directory)
    for pspec in cls.list_properties():
        report("calls :%s" % pspec.name)
        if pspec.flags & GObject.ParamFlags.READABLE:
            cls().get_property(pspec.name)
    report("end")


def run_child(cls, base_url, pipe):
    os.environ["OPENAI_BASE_URL"] = base_url

    def report(line):
        signal.alarm(LIMIT)
        os.write(pipe, (line + "\n").encode())

    with tempfile.TemporaryDirectory() as directory:
        check_class(cls, report, directory)


def check_in_child(cls, base_url):
    """The output lines about problems."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            run_child(cls, base_url, writer)
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader, encoding="utf-8", errors="replace") as file:
        lines = file.read().splitlines()
    _pid, status = os.waitpid(child, 0)
    problems = [line for line in lines if line.startswith("problem")]
    if not lines or lines[-1] != "end":
        problems.append("ended by signal %d in: %s" % (os.WTERMSIG(status), lines[-1] if lines else "the constructor"))
    return problems


def start_mock():
    """Runs the mock service in a separate process, since this one forks."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        mock = OaiMock.Server.new()
        mock.set_validating(False)
        mock.start_in_thread()
        os.write(writer, mock.get_base_url().encode() + b"\n")
        while os.getppid() != 1:
            time.sleep(0.2)
        os._exit(0)
    os.close(writer)
    with open(reader, encoding="utf-8") as file:
        return child, file.readline().strip()


def main():
    os.environ["OPENAI_API_KEY"] = "sk-test"
    mock, base_url = start_mock()
    classes = [item for item in list_classes() if len(sys.argv) == 1 or item[0] in sys.argv[1:]]
    failures = 0
    print("1..%d" % len(classes), flush=True)
    for number, (name, cls) in enumerate(classes, 1):
        problems = check_in_child(cls, base_url)
        failures += bool(problems)
        print("%s %d a plain %s" % ("not ok" if problems else "ok", number, name))
        for problem in problems:
            print("# %s" % problem)
        sys.stdout.flush()
    os.kill(mock, signal.SIGTERM)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
