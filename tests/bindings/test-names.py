#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests the names that users of the openai package and of other libraries of GNOME try in Python.  Prints TAP.

usage: test-names.py [MODULE_DIRECTORY]

With the directory of the modules, one test runs a program without the library of a module.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

import gi

gi.require_version("Oai", "1")
gi.require_version("OaiMock", "1")
from gi.repository import Gio, GLib, GObject, Oai, OaiMock  # noqa: E402

COMPLETION = {"id": "c1", "object": "chat.completion", "created": 1, "model": "m", "choices": [
    {"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}}
RESPONSE = {"id": "r1", "object": "response", "output": [
    {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hi"}]}],
    "usage": {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}}
CHUNK = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [{"index": 0, "delta": {"content": "Hi"}}]}
MESSAGES = [{"role": "user", "content": "Hello"}]

# Names that exist, and their values; a function checks the value.
VALUES = (
    ("Oai.Client()", lambda value: isinstance(value, Oai.Client)),
    ("Oai.Client(api_key='k', base_url=URL).base_url", lambda value: value.startswith("http://127.0.0.1:")),
    ("Oai.Client(base_url=URL, max_retries=7, timeout_ms=5000).settings.timeout_ms", 5000),
    ("Oai.Client(max_retries=7).max_retries", 7),
    ("Oai.Client(organization='org-x').settings.organization", "org-x"),
    ("client.chat.completions.create(model='m', messages=MESSAGES).text", "Hi"),
    ("client.chat.create(model='m', messages=MESSAGES).text", "Hi"),
    ("client.chat.create({'model': 'm', 'messages': MESSAGES}).text", "Hi"),
    ("client.chat.create(request=Oai.ChatRequest(model='m', messages=MESSAGES)).text", "Hi"),
    ("client.fine_tuning.jobs.list", callable),
    ("client.models.list().data[0].id", "m1"),
    ("client.models.list()[0].id", "m1"),
    ("len(client.models.list())", 2),
    ("[model.id for model in client.models.list()]", ["m1", "m2"]),
    ("client.settings.timeout_ms", 600000),
    ("client.timeout_ms", 600000),
    ("client.files.list(limit=1)", lambda value: isinstance(value, Oai.PagedList)),
    ("Oai.ChatRequest.new_from_json('{\"model\": \"m\"}').model", "m"),
    ("Oai.ChatRequest.new_from_json({'model': 'm'}).model", "m"),
    ("type(Oai.Record.new_from_json(Oai.ChatRequest, '{}')).__name__", "ChatRequest"),
    ("type(Oai.ChatRequest.new_from_json('{}')).__name__", "ChatRequest"),
    ("Oai.ChatRequest.new('m').model", "m"),
    ("Oai.ChatMessage.new_user('x').text", "x"),
    ("completion.text", "Hi"),
    ("completion.message.text", "Hi"),
    ("completion.message.content", "Hi"),
    ("completion.choices[0].text", "Hi"),
    ("completion.choices[0].message.content", "Hi"),
    ("completion.choices[0].finish_reason", "stop"),
    ("completion.usage.total_tokens", 3),
    ("completion.id", "c1"),
    ("completion.to_json()", lambda value: json.loads(value) == COMPLETION),
    ("completion.to_dict()", COMPLETION),
    ("dict(completion)", COMPLETION),
    ("len(completion)", len(COMPLETION)),
    ("json.loads(str(completion))", COMPLETION),
    ("repr(completion)", lambda value: value.startswith('<Oai.ChatCompletion {"id":"c1"') and len(value) < 250),
    ("completion.copy().equal(completion)", True),
    ("chunk.text", "Hi"),
    ("chunk.choices[0].delta.content", "Hi"),
    ("response.output_text", "Hi"),
    ("response.usage.total_tokens", 3),
    ("Oai.Error.RATE_LIMITED", lambda value: int(value) == 8),
    ("isinstance(Oai.Error.OFFLINE, Oai.Error) and issubclass(type(Oai.Error.OFFLINE), Oai.Error)", True),
    ("Oai.Error(int(Oai.Error.OFFLINE)) == Oai.Error.OFFLINE", True),
    ("issubclass(Oai.Error, Oai.Error) and not issubclass(int, Oai.Error)", True),
    ("__import__('pickle').loads(__import__('pickle').dumps(Oai.Error.OFFLINE)) == Oai.Error.OFFLINE", True),
    ("hasattr(Oai.Error, 'RATE_LIMIT')", False),
    ("GObject.Property(type=Oai.Error, default=Oai.Error.OFFLINE).type", lambda value: value == Oai.Error.__gtype__),
    ("Oai.Error.OFFLINE.value_nick, Oai.Error.__gtype__.name", ("offline", "OaiError")),
    ("Oai.Error.quark()", lambda value: value == Oai.error_quark()),
    ("Oai.MAJOR_VERSION", lambda value: isinstance(value, int)),
    ("Oai.VERSION_STRING", lambda value: value.split(".")[:2] == [str(Oai.MAJOR_VERSION), str(Oai.MINOR_VERSION)]),
    ("Oai.__version__", lambda value: value == Oai.VERSION_STRING),
    ("client.chat.create(model='m', messages=MESSAGES).call.status_code", 200),
    ("client.chat.create_stream(model='m', messages=MESSAGES).cancel()", None),
    ("client.chat.create(model='m', messages=MESSAGES).call.body", lambda value: value is None or value.get_size() >= 0),
    ("Oai.ChatSession.new(client, 'm').total_tokens", lambda value: value <= 0),
)

# Names that do not exist, and what the error mentions instead.
HINTS = (
    ("Oai.OpenAI", "did you mean Client?"),
    ("Oai.AsyncOpenAI", "did you mean Client?"),
    ("Oai.Error.RATE_LIMIT", "Error has no RATE_LIMIT; did you mean RATE_LIMITED?"),
    ("Oai.Error.TIMEOUT", "did you mean Gio.IOErrorEnum.TIMED_OUT?"),
    ("Oai.RateLimitError", "Oai.Error.RATE_LIMITED"),
    ("Oai.AuthenticationError", "Oai.Error.AUTHENTICATION"),
    ("Oai.APIError", "catch GLib.Error"),
    ("Oai.APITimeoutError", "Gio.IOErrorEnum.TIMED_OUT"),
    ("Oai.Message", "ChatMessage or ResponseMessage"),
    ("Oai.ModelList", "PagedList"),
    ("Oai.ChatCompletionRequest", "ChatRequest"),
    ("Oai.Clent", "Client"),
    ("Oai.list_module", "list_modules"),
    ("Oai.get_major_version", "MAJOR_VERSION"),
    ("Oai.get_version", "VERSION_STRING"),
    ("client.api_key", "cannot be read"),
    ("client.timeout", "timeout_ms"),
    ("client.max_retris", "max_retries"),
    ("client.beta", "assistants or threads"),
    ("client.vector_stores", "invoke()"),
    ("client.embedding", "embeddings"),
    ("client.chat.stream", "create_stream"),
    ("client.audio.speech", "create_speech"),
    ("client.audio.transcriptions", "transcribe"),
    ("client.files.create", "upload"),
    ("client.files.completions", "no attribute completions"),
    ("completion.content", "did you mean text?"),
    ("completion.model_dump", "to_dict"),
    ("completion.json", "to_json"),
    ("completion.usages", "usage"),
    ("completion.usage.input_tokens", "prompt_tokens"),
    ("completion.request_id", "call.request_id"),
    ("response.output", "output_items"),
    ("response.choices", "output_items"),
    ("Oai.ChatRequest(model='m').append", "add_message"),
    ("client.models.list().has_next_page", "has_more"),
    ("client.models.list().items", "data"),
    ("client.chat.create_stream(model='m').stop", "close"),
    ("client.chat.create_stream(model='m').text", "get_content"),
    ("client.chat.create_stream(model='m').events", "iterate over the stream"),
    ("client.chat.create(model='m', messages=MESSAGES).call.status", "status_code"),
    ("Oai.ChatSession.new(client, 'm').busy", "did you mean state?"),
    ("Oai.ChatSession.new(client, 'm').system_prompt", "did you mean instructions?"),
    ("Oai.ChatSession.new(client, 'm').add_system_message", "did you mean instructions?"),
    ("Oai.ChatSession.new(client, 'm').regenerate", "did you mean retry?"),
    ("Oai.ChatSession.new(client, 'm').clear", "did you mean remove_items?"),
    ("client.settings.timeout", "timeout_ms"),
    ("client.auth.api_key", "can be set, but not read"),
    ("Oai.ChatSession.new(client, 'm').messages", "iterate over the session"),
    ("Oai.ProxyServer.new(client).lisen", "listen"),
    ("Oai.PriceTable().nonsense", "no attribute nonsense"),
)

# Arguments that do not exist.
ARGUMENTS = (
    ("Oai.Client(timeout=3)", "did you mean timeout_ms?"),
    ("Oai.Client(api_kei='k')", "api_kei"),
    ("Oai.ChatRequest('m')", "ChatRequest(model=…)"),
    ("client.chat.create(modell='m')", "did you mean model?"),
    ("client.chat.create(Oai.ChatRequest(model='m'), temperature=1)", "either a request or its fields"),
)

TESTS = []


def test(function):
    TESTS.append(function)
    return function


def make_names(client, mock):
    """What the expressions of the tables use."""
    models = {"object": "list", "data": [{"id": "m1", "object": "model"}, {"id": "m2", "object": "model"}]}
    mock.push_reply_for("GET", "/models", OaiMock.Reply.new_json(200, json.dumps(models)))
    mock.push_reply_for("GET", "/files", OaiMock.Reply.new_json(200, json.dumps({"object": "list", "data": []})))
    mock.push_reply_for("POST", "/chat/completions", OaiMock.Reply.new_json(200, json.dumps(COMPLETION)))
    return {"GObject": GObject, "Oai": Oai, "client": client, "json": json, "URL": mock.get_base_url(), "MESSAGES": MESSAGES,
            "completion": Oai.ChatCompletion.new_from_json(COMPLETION),
            "chunk": Oai.ChatChunk.new_from_json(CHUNK),
            "response": Oai.Response.new_from_json(RESPONSE)}


def add_value(expression, expected):
    def function(client, mock):
        value = eval(expression, make_names(client, mock))
        assert expected(value) if callable(expected) else value == expected, repr(value)

    function.__name__ = "value %s" % expression
    TESTS.append(function)


def add_hint(kind, expression, hint):
    def function(client, mock):
        names = make_names(client, mock)
        try:
            eval(expression, names)
        except kind as error:
            assert hint in str(error), str(error)
        else:
            raise AssertionError("no error")

    function.__name__ = "hint %s" % expression
    TESTS.append(function)


for row in VALUES:
    add_value(*row)
for row in HINTS:
    add_hint(AttributeError, *row)
for row in ARGUMENTS:
    add_hint(TypeError, *row)


@test
def a_request_is_made_of_keywords(client, mock):
    make_names(client, mock)
    client.chat.completions.create(model="m", messages=MESSAGES, temperature=0.5)
    assert json.loads(mock.dup_request(-1).dup_body_text()) == {"model": "m", "messages": MESSAGES, "temperature": 0.5}


@test
def stream_true_returns_a_stream(client, mock):
    reply = OaiMock.Reply.new_events()
    for text in ("Hel", "lo"):
        chunk = dict(CHUNK, choices=[{"index": 0, "delta": {"content": text}}])
        reply.add_event(None, json.dumps(chunk))
    reply.add_event(None, "[DONE]")
    mock.push_reply(reply)
    stream = client.chat.completions.create(model="m", messages=MESSAGES, stream=True)
    assert isinstance(stream, Oai.ChatStream)
    assert "".join(chunk.text or "" for chunk in stream) == "Hello"


@test
def stream_false_returns_the_reply(client, mock):
    make_names(client, mock)
    assert client.chat.completions.create(model="m", messages=MESSAGES, stream=False).text == "Hi"


@test
def settings_of_the_client_are_those_of_its_settings(_client, mock):
    settings = Oai.Settings.new_for_base_url(mock.get_base_url())
    client = Oai.Client(settings=settings, max_retries=1)
    assert client.max_retries == 1 and settings.max_retries != 1, "the settings of the program are copied"
    client.max_retries = 4
    assert client.settings.max_retries == 4


@test
def a_request_for_a_cancelled_stream_fails(client, mock):
    mock.push_reply(OaiMock.Reply.new_hang())
    stream = client.chat.create_stream(model="m", messages=MESSAGES)
    loop = GLib.MainLoop()
    errors = []

    def done(stream, result):
        try:
            stream.run_finish(result)
        except GLib.Error as error:
            errors.append(error)
        loop.quit()

    stream.run_async(None, done)
    GLib.idle_add(stream.cancel)
    loop.run()
    assert errors and errors[0].matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED), errors


@test
def a_wrong_name_reads_no_directory(_client, _mock):
    program = """
import os
import gi
gi.require_version("Oai", "1")
from gi.repository import Oai
client = Oai.Client(api_key="sk-x")
hasattr(client, "nonsense")
os.write(1, b"first\\n")
for name in ("nonsense", "temperature", "chatt"):
    hasattr(client, name)
    hasattr(Oai, name)
    hasattr(Oai.ChatRequest(), name)
"""
    strace = shutil.which("strace")
    command = [sys.executable, "-c", program]
    if strace is None:  # the time shows it as well: a search takes milliseconds
        start = time.monotonic()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        assert time.monotonic() - start < 30
        return
    with tempfile.NamedTemporaryFile("r") as log:
        subprocess.run([strace, "-f", "-e", "trace=openat,write", "-o", log.name, *command], check=True, stdout=subprocess.DEVNULL)
        later = log.read().split('"first\\n"', 1)[1]
    assert "openai" not in later, later


def run_without(module, command):
    """Runs a program where the library of a module is not installed."""
    with tempfile.TemporaryDirectory() as directory:
        for name in os.listdir(sys.argv[1]):
            if name.endswith(".so.0") and module not in name:
                os.symlink(os.path.join(sys.argv[1], name), os.path.join(directory, name))
        search = os.environ["LD_LIBRARY_PATH"].split(":")
        path = [directory if os.path.realpath(folder) == os.path.realpath(sys.argv[1]) else folder for folder in search]
        env = dict(os.environ, OAI_MODULE_PATH=directory, LD_LIBRARY_PATH=":".join(path))
        env.pop("G_DEBUG", None)  # GObject Introspection warns about a library that cannot be loaded
        return subprocess.run(command, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)


@test
def a_module_that_is_not_installed_is_named(_client, _mock):
    if len(sys.argv) < 2:
        return
    program = """
import gi
gi.require_version("Oai", "1")
from gi.repository import Oai
client = Oai.Client(api_key="sk-x")
print(Oai.ChatRequest(model="m").model, client.models.get_name(), hasattr(Oai, "SpeechRequest"), hasattr(client, "audio"))
for use in (lambda: Oai.SpeechRequest, lambda: Oai.AudioEndpoint.new(client), lambda: Oai.Speech(), lambda: client.audio):
    try:
        use()
    except AttributeError as error:
        print(error)
"""
    result = run_without("audio", [sys.executable, "-W", "ignore", "-c", program])
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0] == "m models False False", lines
    for line, name in zip(lines[1:4], ("SpeechRequest", "AudioEndpoint", "Speech")):
        assert line == "Oai.%s belongs to the module “audio”, which is not installed: libopenai-audio-1.so.0 is missing" % name, line
    assert lines[4].startswith("There is no endpoint module “audio”"), lines[4]


@test
def a_module_that_another_one_needs_is_named(_client, _mock):
    if len(sys.argv) < 2:
        return
    expected = "Oai cannot be loaded: libopenai-chat-1.so.0: "
    hint = "(it is the library of the module “chat”, which an installed module needs)"
    result = run_without("chat", [sys.executable, "-c", "import gi; gi.require_version('Oai', '1'); from gi.repository import Oai"])
    last = result.stderr.splitlines()[-1]
    assert result.returncode == 1 and last.startswith("ImportError: " + expected) and last.endswith(hint), result.stderr

    gjs = shutil.which("gjs")
    if gjs:
        result = run_without("chat", [gjs, "-c", "imports.gi.versions.Oai = '1'; imports.gi.Oai;"])
        assert result.returncode == 1 and expected in result.stderr and hint in result.stderr, result.stderr


def main():
    mock = OaiMock.Server.new()
    mock.set_validating(False)
    mock.start_in_thread()
    failures = 0
    print("1..%d" % len(TESTS))
    for number, function in enumerate(TESTS, 1):
        name = function.__name__.replace("_", "-") if " " not in function.__name__ else function.__name__
        mock.reset()
        client = Oai.Client(Oai.Auth.new("sk-test"), Oai.Settings.new_for_base_url(mock.get_base_url()))
        try:
            with contextlib.redirect_stdout(sys.stderr):
                function(client, mock)
            print("ok %d %s" % (number, name.replace("#", "")), flush=True)
        except Exception:  # pylint: disable=broad-except
            failures += 1
            print("not ok %d %s" % (number, name))
            print("\n".join("# " + line for line in traceback.format_exc().splitlines()), flush=True)
    mock.stop()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
