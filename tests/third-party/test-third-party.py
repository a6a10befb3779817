#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Installs the library, builds a module in a separate source tree, and uses the module.

Programs are also built with the build tree, and with the library as a subproject.

usage: test-third-party.py SOURCE-DIRECTORY WORK-DIRECTORY

The mock service is that of the build tree, from GI_TYPELIB_PATH.  Prints TAP.
"""

import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import xml.etree.ElementTree as ET

import gi

gi.require_version("OaiMock", "1")
from gi.repository import GLib, OaiMock  # noqa: E402

PYTHON = "/usr/bin/python3"
REPORT = {"city": "Paris", "temperature": 12.5, "sky": "rain", "wind": 3}


class Failed(Exception):
    pass


class Skipped(Exception):
    pass


def need(program):
    if shutil.which(program) is None:
        raise Skipped("%s is not installed" % program)


def run(*command, env=None, cwd=None):
    done = subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed("%s\n%s%s" % (" ".join(command), done.stdout[-6000:], done.stderr[-6000:]))
    return done.stdout


def build_and_install(source, build, prefix, options=(), env=None):
    if not os.path.exists(os.path.join(build, "build.ninja")):
        run("meson", "setup", build, source, "--prefix", prefix, "-Dlibdir=lib", *options, env=env)
    run("meson", "install", "-C", build, "--quiet", env=env)


class Installation:
    """A separate prefix, and the environment in which programs find it."""

    def __init__(self, source, work):
        self.source = source
        self.work = work
        self.prefix = os.path.join(work, "prefix")
        self.lib = os.path.join(self.prefix, "lib")
        self.env = {name: value for name, value in os.environ.items()
                    if name not in ("LD_LIBRARY_PATH", "OAI_MODULE_PATH", "GI_TYPELIB_PATH", "GI_GIR_PATH",
                                    "PYTHONPATH", "GJS_PATH", "LD_PRELOAD")
                    and not name.startswith("OPENAI_")}
        self.env["LC_ALL"] = "C.UTF-8"
        self.plain_env = dict(self.env)

    def install(self):
        shutil.rmtree(self.prefix, ignore_errors=True)
        build_and_install(self.source, os.path.join(self.work, "library"), self.prefix,
                          ("-Dtests=false", "-Dexamples=false", "-Dmock=disabled", "-Ddocs=disabled", "--optimization=0"), self.env)
        share = os.path.join(self.prefix, "share")
        self.env["PKG_CONFIG_PATH"] = os.path.join(self.lib, "pkgconfig")
        self.env["LD_LIBRARY_PATH"] = self.lib
        self.env["GI_TYPELIB_PATH"] = os.path.join(self.lib, "girepository-1.0")
        self.env["XDG_DATA_DIRS"] = share + ":" + os.environ.get("XDG_DATA_DIRS", "/usr/local/share:/usr/share")
        self.env["GI_GIR_PATH"] = os.path.join(share, "gir-1.0")
        overrides, = glob.glob(os.path.join(self.lib, "python*", "*-packages", "gi", "overrides", "Oai.py"))
        self.env["PYTHONPATH"] = os.path.normpath(os.path.join(overrides, "..", "..", ".."))
        self.bytecode = glob.glob(os.path.join(os.path.dirname(overrides), "__pycache__", "*[Oo]ai*.pyc"))

    def build_module(self):
        build = os.path.join(self.work, "module")
        shutil.rmtree(build, ignore_errors=True)
        build_and_install(os.path.join(self.source, "examples", "third-party"), build, self.prefix, env=self.env)

    def write_sample(self, language, path):
        """The program of the README in a language."""
        with open(os.path.join(self.source, "README.md"), encoding="utf-8") as file:
            sample = re.search(r"^```%s\n(.*?)^```$" % language, file.read(), re.MULTILINE | re.DOTALL).group(1)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(sample)
        return path

    def use(self, mock):
        for env in (self.env, self.plain_env):
            env["OPENAI_BASE_URL"] = mock.get_base_url()
            env["OPENAI_API_KEY"] = "sk-test"
        reply = OaiMock.Reply.new_json(200, json.dumps(REPORT))
        reply.set_times(100)
        mock.push_reply_for("GET", "/weather/Paris", reply)


def push_forecast(mock):
    reply = OaiMock.Reply.new_events()
    for event in ({"type": "forecast.text.delta", "delta": "Rain, "}, {"type": "forecast.day.done", "day": 1, "report": REPORT},
                  {"type": "forecast.text.delta", "delta": "then sun."}, {"type": "forecast.done"}):
        reply.add_event(None, json.dumps(event))
    mock.push_reply_for("POST", "/weather/forecast", reply)


FORECAST = "Rain, [day 1: rain]then sun.\nRain, then sun., 2 days\n"


def expect(actual, wanted):
    if actual != wanted:
        raise Failed("got %r, wanted %r" % (actual, wanted))


def check_c(installation, mock):
    before = mock.get_n_requests()
    output = run(os.path.join(installation.prefix, "bin", "weather"), "Paris", env=installation.env)
    expect(output, "Paris: 12.5 °C, rain\n")
    expect(mock.get_n_requests(), before + 1)
    expect(mock.dup_request(-1).get_header("authorization"), "Bearer sk-test")


def check_c_by_name(installation, mock):
    output = run(os.path.join(installation.prefix, "bin", "weather-by-name"), env=installation.env)
    expect(json.loads(output), REPORT)
    expect(mock.dup_request(-1).get_path(), "/v1/weather/Paris")


def check_c_stream(installation, mock):
    push_forecast(mock)
    expect(run(os.path.join(installation.prefix, "bin", "weather-forecast"), env=installation.env), FORECAST)
    expect(json.loads(mock.dup_request(-1).dup_body_text())["stream"], True)


def check_python_stream(installation, mock):
    push_forecast(mock)
    script = os.path.join(installation.source, "examples", "third-party", "forecast.py")
    expect(run(PYTHON, script, env=installation.env), FORECAST)


def check_gjs_stream(installation, mock):
    need("gjs")
    push_forecast(mock)
    program = ("const {Oai, OaiWeather} = imports.gi; const client = Oai.Client.new(null, null);"
               "const stream = OaiWeather.Endpoint.new(client).forecast_stream(OaiWeather.ForecastRequest.new('Paris'));"
               "let text = ''; stream.connect('text-delta', (_stream, delta) => (text += delta));"
               "stream.connect('day-done', (_stream, report, day) => (text += `[day ${day}: ${report.get_sky()}]`));"
               "const forecast = stream.run(null);"
               "print(`${text}\\n${stream.get_text()}, ${forecast.get_days().length} days`);")
    expect(run("gjs", "-c", program, env=installation.env), FORECAST)


SURVEY = {"id": "survey_1", "status": "queued"}
CHART = b"\x89PNG chart"


def push_survey(mock):
    """A survey that is done at the third request, and a chart."""
    mock.push_reply_for("POST", "/weather/surveys", OaiMock.Reply.new_json(200, json.dumps(SURVEY)))
    for reply in ({"status": "running"}, {"status": "done", "report": REPORT}):
        mock.push_reply_for("GET", "/weather/surveys/survey_1", OaiMock.Reply.new_json(200, json.dumps({**SURVEY, **reply})))
    mock.push_reply_for("GET", "/weather/Paris/chart", OaiMock.Reply.new_bytes(200, "image/png", GLib.Bytes.new(CHART)))


def check_c_methods(installation, mock):
    """Methods that the description defines: upload, wait, read, test and save."""
    push_survey(mock)
    measurements, chart = (os.path.join(installation.work, name) for name in ("measurements.csv", "chart.png"))
    with open(measurements, "w", encoding="utf-8") as file:
        file.write("1;2;3\n")
    if os.path.exists(chart):
        os.remove(chart)
    output = run(os.path.join(installation.prefix, "bin", "weather-survey"), measurements, chart, env=installation.env)
    expect(output, "done: 12.5 °C, wet\n")
    with open(chart, "rb") as file:
        expect(file.read(), CHART)
    expect("1;2;3" in mock.dup_request(-4).dup_body_text(), True)
    expect([mock.dup_request(index).get_path() for index in (-3, -2, -1)],
           ["/v1/weather/surveys/survey_1"] * 2 + ["/v1/weather/Paris/chart"])


def check_python_methods(installation, mock):
    """The same methods, and those that make and append, in Python."""
    push_survey(mock)
    program = ("import gi; gi.require_version('Oai', '1'); gi.require_version('OaiWeather', '1'); "
               "from gi.repository import GLib, Oai, OaiWeather; weather = OaiWeather.Endpoint.new(Oai.Client()); "
               "request = OaiWeather.ForecastRequest.new_week('Paris'); request.add_measurement('wind', 1.5); "
               "print(request.to_json()); "
               "survey = weather.survey_bytes(GLib.Bytes.new(b'1;2'), 'a.csv', None); survey = survey.wait(1, -1, None); "
               "print(survey.get_temperature(), survey.get_report().is_wet())")
    output = run(PYTHON, "-c", program, env=installation.env).splitlines()
    expect(json.loads(output[0]), {"city": "Paris", "days": 7, "values": [{"name": "wind", "value": 1.5}]})
    expect(output[1], "12.5 True")


def gir_versions(element):
    return tuple(element.get(name) for name in ("version", "deprecated", "deprecated-version"))


def check_versions(installation, _mock):
    """Releases of the module are in the GIR, and deprecated methods warn in C and Python."""
    namespace = "{http://www.gtk.org/introspection/core/1.0}"
    gir = ET.parse(os.path.join(installation.prefix, "share", "gir-1.0", "OaiWeather-1.gir")).getroot()
    report, = (item for item in gir.iter(namespace + "class") if item.get("name") == "Report")
    found = {(item.tag[len(namespace):], item.get("name")): item for item in report}
    expect(gir_versions(found["method", "get_sky"]), ("1.0", None, None))
    expect(gir_versions(found["method", "is_wet"]), ("1.1", None, None))
    expect(gir_versions(found["method", "get_summary"]), ("1.0", "1", "1.1"))
    expect(gir_versions(found["property", "summary"]), ("1.0", "1", "1.1"))
    expect(found["method", "get_summary"].find(namespace + "doc-deprecated").text,
           "Use `sky` instead. It is in English only.")
    program = ("import gi, warnings; gi.require_version('Oai', '1'); gi.require_version('OaiWeather', '1'); from gi.repository import Oai, OaiWeather; "
               "report = Oai.Record.new_from_json(OaiWeather.Report.__gtype__, '{\"summary\": \"Rain\"}'); "
               "\nwith warnings.catch_warnings(record=True) as caught:\n"
               "    warnings.simplefilter('always')\n"
               "    print(report.get_sky(), report.get_summary(), *[warning.message for warning in caught])")
    expect(run(PYTHON, "-c", program, env=installation.env), "None Rain OaiWeather.Report.get_summary is deprecated\n")
    source = os.path.join(installation.work, "deprecated.c")
    with open(source, "w", encoding="utf-8") as file:
        file.write("#include <openai-weather-1/oai-weather-endpoint.h>\n"
                   "int main (void) { return oai_weather_report_get_summary (NULL) != NULL; }\n")
    flags = run("pkg-config", "--cflags", "openai-weather-1", env=installation.env).split()
    flags += ["-I" + os.path.join(installation.prefix, "include")]
    run("cc", "-Werror", "-Wno-error=deprecated-declarations", "-fsyntax-only", source, *flags, env=installation.env)
    try:
        run("cc", "-Werror", "-fsyntax-only", source, *flags, env=installation.env)
        raise Failed("the C compiler did not warn about a deprecated function")
    except Failed as failure:
        if "Use 'sky' instead" not in str(failure):
            raise


def check_module_path(installation, _mock):
    """Modules outside the search path of the linker are found with the module directory and OAI_MODULE_PATH."""
    moved = os.path.join(installation.work, "elsewhere")
    os.makedirs(moved, exist_ok=True)
    library = os.path.join(installation.lib, "libopenai-weather-1.so.0")
    shutil.move(library, moved)
    try:
        try:
            run(os.path.join(installation.prefix, "bin", "weather-by-name"), env=installation.env)
            raise Failed("a module that is gone was found")
        except Failed as failure:
            if "There is no endpoint module “weather”" not in str(failure):
                raise
        env = dict(installation.env, OAI_MODULE_PATH="/nowhere:" + moved)
        expect(json.loads(run(os.path.join(installation.prefix, "bin", "weather-by-name"), env=env)), REPORT)
    finally:
        shutil.move(os.path.join(moved, os.path.basename(library)), library)


def check_python(installation, _mock):
    script = os.path.join(installation.source, "examples", "third-party", "weather.py")
    expect(run(PYTHON, script, "Paris", env=installation.env), "12.5\nParis 12.5 rain\n")


def check_python_additions(installation, _mock):
    """They are found, and have been compiled when they were installed."""
    expect(len(installation.bytecode), 7)
    program = ("import gi; gi.require_version('Oai', '1'); from gi.repository import Oai; "
               "print(Oai.Client().weather.invoke_by_name('retrieve', '{\"city\": \"Paris\"}', None))")
    expect(json.loads(run(PYTHON, "-c", program, env=installation.env)), REPORT)


def check_gjs(installation, _mock):
    need("gjs")
    program = ("const Oai = imports.gi.Oai; const client = Oai.Client.new(null, null);"
               "print(client.models instanceof Oai.ModelsEndpoint,"
               " client.get_endpoint('weather').invoke_by_name('retrieve', '{\"city\": \"Paris\"}', null));")
    output = run("gjs", "-c", program, env=installation.env)
    expect(output.split(" ", 1)[0], "true")
    expect(json.loads(output.split(" ", 1)[1]), REPORT)


def has_auxiliary_libraries(installation):
    """Whether the typelib names one library. Otherwise each library that is missing causes a warning."""
    gir = ET.parse(os.path.join(installation.prefix, "share", "gir-1.0", "Oai-1.gir"))
    namespace = gir.find("{http://www.gtk.org/introspection/core/1.0}namespace")
    return "," not in namespace.get("shared-library")


def check_missing_module(installation, _mock):
    """Other modules work without warnings if the library of one module is not installed, and its use is explained."""
    library = os.path.join(installation.lib, "libopenai-audio-1.so.0")
    env = dict(installation.env)
    if has_auxiliary_libraries(installation):
        env["G_DEBUG"] = "fatal-warnings"
    reason = "There is no endpoint module “audio”"
    python = """
import gi
gi.require_version("Oai", "1")
from gi.repository import Oai
client = Oai.Client()
print(client.models.get_name(), Oai.ChatMessage(role="user").role, hasattr(client, "audio"))
for use in (lambda: client.audio, lambda: Oai.SpeechRequest(input="Hello")):
    try:
        use()
    except (AttributeError, TypeError) as error:
        print(error)
"""
    gjs = """
const Oai = imports.gi.Oai;
const client = Oai.Client.new(null, null);
print(client.models.get_name(), typeof client.models.list_async, new Oai.ChatMessage({role: 'user'}).role);
try {
    client.audio;
} catch (error) {
    print(error.message);
}
"""
    os.rename(library, library + ".moved")
    try:
        lines = run(PYTHON, "-c", python, env=env).splitlines()
        expect(lines[0], "models user False")
        if reason not in lines[1] or not lines[2].startswith("Oai.SpeechRequest belongs to the module “audio”, which is not installed"):
            raise Failed("\n".join(lines))
        need("gjs")
        lines = run("gjs", "-c", gjs, env=env).splitlines()
        expect(lines[0], "models function user")
        if reason not in lines[1]:
            raise Failed("\n".join(lines))
    finally:
        os.rename(library + ".moved", library)


HELLO = "You said: Hello!\n"


def check_one_module_uninstalled(installation, _mock):
    """The C program of the README, with the package of one module in the build tree."""
    library = os.path.join(installation.work, "library")
    env = dict(installation.plain_env, PKG_CONFIG_PATH=os.path.join(library, "meson-uninstalled"))
    flags = run("pkg-config", "--cflags", "--libs", "openai-chat-1", env=env).split()
    if any(flag.startswith("-DOAI") for flag in flags):
        raise Failed("macros of the library are among %s" % flags)
    source = installation.write_sample("c", os.path.join(installation.work, "uninstalled", "hello.c"))
    program = source[:-len(".c")]
    run("cc", "-Wall", "-Werror", source, "-o", program, *flags, env=env)
    env["LD_LIBRARY_PATH"] = os.path.join(library, "libopenai-core") + ":" + os.path.join(library, "modules")
    expect(run(program, env=env), HELLO)


JSON_GLIB_C = """#include <openai-1/openai-json-glib.h>

int
main (void)
{
  g_autoptr(JsonNode) node = json_from_string ("{\\"model\\": \\"m\\"}", NULL);
  g_autoptr(OaiRecord) record = oai_record_new_from_node (OAI_TYPE_CHAT_REQUEST, node, NULL);
  g_autoptr(JsonNode) copy = oai_record_to_node (record);

  g_print ("%s %s\\n", G_OBJECT_TYPE_NAME (record), json_object_get_string_member (json_node_get_object (copy), "model"));

  return 0;
}
"""

JSON_GLIB_VALA = """void main () {
    try {
        var record = OaiJsonGlib.record_new_from_node (typeof (Oai.ChatRequest), Json.from_string ("{\\"model\\": \\"m\\"}"));
        var copy = OaiJsonGlib.record_to_node (record);
        print ("%s %s\\n", record.get_type ().name (), copy.get_object ().get_string_member ("model"));
    } catch (Error error) {
        printerr ("%s\\n", error.message);
    }
}
"""

JSON_GLIB_PYTHON = """import gi
for namespace in ("Oai", "OaiJsonGlib"):
    gi.require_version(namespace, "1")
from gi.repository import Json, Oai, OaiJsonGlib
record = OaiJsonGlib.record_new_from_node(Oai.ChatRequest, Json.from_string('{"model": "m"}'))
print(type(record).__gtype__.name, OaiJsonGlib.record_to_node(record).get_object().get_string_member("model"))
"""


def check_json_glib(installation, _mock):
    """Programs that use json-glib, with the package openai-json-glib-1."""
    directory = os.path.join(installation.work, "json-glib")
    os.makedirs(directory, exist_ok=True)
    flags = run("pkg-config", "--cflags", "--libs", "openai-json-glib-1", "openai-chat-1", env=installation.env).split()
    for name, text, command in (("c", JSON_GLIB_C, ("cc", "-Wall", "-Werror")),
                                ("vala", JSON_GLIB_VALA, ("valac", "--pkg", "openai-json-glib-1", "--pkg", "openai-1"))):
        source, program = (os.path.join(directory, "program" + suffix) for suffix in ("." + name, "-" + name))
        with open(source, "w", encoding="utf-8") as file:
            file.write(text)
        run(*command, source, "-o", program, *(flags if name == "c" else ()), env=installation.env)
        expect(run(program, env=installation.env), "OaiChatRequest m\n")
    expect(run(PYTHON, "-c", JSON_GLIB_PYTHON, env=installation.env), "OaiChatRequest m\n")


def check_vala_in_devenv(installation, _mock):
    """valac in "meson devenv", as in the README."""
    need("valac")
    library = os.path.join(installation.work, "library")
    source = installation.write_sample("vala", os.path.join(installation.work, "devenv", "hello.vala"))
    program = source[:-len(".vala")]
    devenv = ("meson", "devenv", "-C", library)
    run(*devenv, "valac", "--pkg", "openai-1", source, "-o", program, env=installation.plain_env, cwd=installation.work)
    expect(run(*devenv, program, env=installation.plain_env), HELLO)


def check_consumer(installation, name, devenv=(), env=None, subproject=False):
    """The programs of the README in C and Vala, with dependency ('openai-chat-1') of Meson."""
    need("valac")
    tree = os.path.join(installation.work, "consumer-" + name)
    build = os.path.join(tree, "_build")
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(os.path.join(installation.source, "tests", "third-party", "consumer"), tree)
    for language in ("c", "vala"):
        installation.write_sample(language, os.path.join(tree, "hello." + language))
    if subproject:
        add_wrap(installation, tree)
    run(*devenv, "meson", "setup", build, tree, "--optimization=0", *(() if subproject else ("--wrap-mode=nofallback",)), env=env)
    if subproject:  # the test of the subproject builds the library
        expect_public_flags(build)
        return
    run(*devenv, "ninja", "-C", build, "hello-c", "hello-vala", env=env)
    for language in ("c", "vala"):
        program = os.path.join(build, "hello-" + language)
        expect(run(*devenv, program, env=env), HELLO)
        libraries = re.findall(r"NEEDED.*\[(libopenai-.*?)\]", run("readelf", "-d", program))
        if set(libraries) - {"libopenai-chat-1.so.0", "libopenai-core-1.so.0"}:
            raise Failed("%s is linked with %s" % (program, ", ".join(libraries)))


def expect_public_flags(build):
    """Programs are compiled with the directories of the public headers, and with nothing else of the subproject."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        commands = [entry["command"] for entry in json.load(file) if os.path.basename(entry["output"]) in ("hello.c.o", "meson-generated_hello.c.o")]
    used = {re.sub(r"^-I(\.\./)?", "", word) for command in commands for word in command.split() if "subprojects/" in word}
    library = "subprojects/openai-[^/]*/"
    allowed = library + "(modules/openai-1/public(/openai-1)?|introspection/vala)"
    others = sorted(word for word in used if not re.fullmatch(allowed, word))
    if len(commands) != 2 or not used or others or any("-DOAI" in command for command in commands):
        raise Failed("programs are compiled with " + ", ".join(others or commands))


def add_wrap(installation, tree):
    """The wrap file, and an archive with the name that it contains."""
    directory = os.path.join(tree, "subprojects", "packagefiles")
    os.makedirs(directory)
    wrap = shutil.copy(os.path.join(installation.source, "build-aux", "openai.wrap"), os.path.join(tree, "subprojects"))
    with open(wrap, encoding="utf-8") as file:
        values = dict(re.findall(r"^(\w+) = (.*)$", file.read(), re.MULTILINE))

    def is_source(entry):
        parts = entry.name.split("/")
        built = len(parts) > 1 and parts[1] != "build-aux" and parts[1].startswith(("_build", "_flatpak", "build", ".flatpak-builder", ".git"))
        return None if built or "__pycache__" in parts else entry

    with tarfile.open(os.path.join(directory, values["source_filename"]), "w:xz", preset=0) as archive:
        archive.add(installation.source, values["directory"], filter=is_source)


def check_consumer_installed(installation, _mock):
    check_consumer(installation, "installed", env=installation.env)


def check_consumer_in_devenv(installation, _mock):
    devenv = ("meson", "devenv", "-C", os.path.join(installation.work, "library"))
    check_consumer(installation, "devenv", devenv, env=installation.plain_env)


def check_consumer_with_wrap(installation, _mock):
    check_consumer(installation, "wrap", env=installation.plain_env, subproject=True)


def check_flags(installation, _mock):
    """The flags of each package are directories of headers and libraries, and only its modules are linked."""
    packages = sorted(os.path.basename(path)[:-len(".pc")]
                      for path in glob.glob(os.path.join(installation.lib, "pkgconfig", "openai-*.pc")))
    expect(len(packages) > 15, True)
    for package in packages:
        with open(os.path.join(installation.lib, "pkgconfig", package + ".pc"), encoding="utf-8") as file:
            fields = dict(re.findall(r"^(Cflags|Libs): (.*)$", file.read(), re.MULTILINE))
        for flag in fields.get("Cflags", "").split():
            if not re.fullmatch(r"-I\$\{includedir\}\S*|\$\{headerflags\}", flag):
                raise Failed("%s contains %s" % (package, flag))
        expect(fields.get("Libs", "").split(), [] if package == "openai-1" else ["-L${libdir}", "-l" + package])
        flags = run("pkg-config", "--cflags", "--libs", package, env=installation.env)
        if "-DOAI" in flags or "-W" in flags.replace("-Wl,", "").split():
            raise Failed("%s: %s" % (package, flags))


def check_subproject(installation, _mock):
    tree = os.path.join(installation.work, "subproject")
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(os.path.join(installation.source, "tests", "third-party", "subproject"), tree)
    os.mkdir(os.path.join(tree, "subprojects"))
    os.symlink(installation.source, os.path.join(tree, "subprojects", "openai"))
    shutil.copy(os.path.join(installation.source, "examples", "third-party", "weather.api"), tree)
    installation.write_sample("c", os.path.join(tree, "hello.c"))
    build = os.path.join(tree, "_build")
    run("meson", "setup", build, tree, "--optimization=0", env=installation.plain_env)
    run("ninja", "-C", build, "hello", "libopenai-weather-1.so.0", env=installation.plain_env)
    expect(run(os.path.join(build, "hello"), env=installation.plain_env), HELLO)
    with open(os.path.join(build, "build.ninja"), encoding="utf-8") as file:
        rule, = re.findall(r"^build hello\.p/hello\.c\.o:.*?^$", file.read(), re.MULTILINE | re.DOTALL)
    if "-DOAI" in rule:
        raise Failed("macros of the library are in %s" % rule)


def check_chat_window(installation, _mock):
    """The example application as a project of its own. With --help, it needs no display."""
    source = os.path.join(installation.source, "examples", "chat-window")
    languages = [language for language, check in (
        ("c", ("pkg-config", "libadwaita-1")),
        ("python", (PYTHON, "-c", "import gi; gi.require_version('Gtk', '4.0'); gi.require_version('Adw', '1')"))) if subprocess.run(check).returncode == 0]
    if not languages:
        raise Skipped("libadwaita is not installed")
    for language in languages:
        build = os.path.join(installation.work, "chat-window-" + language)
        shutil.rmtree(build, ignore_errors=True)
        run("meson", "setup", build, source, "--prefix", installation.prefix, "-Dlibdir=lib", "-Dlanguage=" + language, "--optimization=0",
            env=installation.env)
    run("meson", "install", "-C", build, "--quiet", env=installation.env)
    expect("--help" in run(os.path.join(installation.prefix, "bin", "oai-chat"), "--help", env=installation.env), True)


def check_moved_codegen(installation, _mock):
    """An installation also works after it was moved to another directory."""
    moved = installation.prefix + "-moved"
    shutil.rmtree(moved, ignore_errors=True)
    os.rename(installation.prefix, moved)
    try:
        run(os.path.join(moved, "bin", "oai-codegen"), "--check", os.path.join(moved, "share", "openai-1", "api", "chat.api"))
    finally:
        os.rename(moved, installation.prefix)


def main():
    source, work = (os.path.abspath(path) for path in sys.argv[1:3])
    installation = Installation(source, work)
    mock = OaiMock.Server.new()
    mock.set_validating(False)
    mock.start_in_thread()
    checks = (
        ("the-library-is-installed", lambda *_: installation.install()),
        ("a-module-is-built-against-it", lambda *_: installation.build_module()),
        ("a-program-links-the-module", check_c),
        ("a-program-loads-the-module-by-name", check_c_by_name),
        ("a-c-program-has-the-stream-of-the-module", check_c_stream),
        ("python-has-the-stream-of-the-module", check_python_stream),
        ("gjs-has-the-stream-of-the-module", check_gjs_stream),
        ("a-c-program-has-the-methods-of-the-module", check_c_methods),
        ("python-has-the-methods-of-the-module", check_python_methods),
        ("releases-of-the-module-are-in-the-gir-and-warn", check_versions),
        ("a-module-elsewhere-is-found-by-its-path", check_module_path),
        ("python-loads-the-module-and-has-its-types", check_python),
        ("python-additions-are-found-in-the-prefix", check_python_additions),
        ("gjs-additions-are-found-in-the-prefix", check_gjs),
        ("a-module-that-is-missing-breaks-no-other", check_missing_module),
        ("programs-use-json-glib", check_json_glib),
        ("one-module-is-enough-in-the-build-tree", check_one_module_uninstalled),
        ("vala-programs-are-built-in-the-build-tree", check_vala_in_devenv),
        ("packages-add-only-flags-that-programs-need", check_flags),
        ("meson-finds-a-module-that-is-installed", check_consumer_installed),
        ("meson-finds-a-module-in-the-build-tree", check_consumer_in_devenv),
        ("meson-finds-the-library-with-a-wrap-file", check_consumer_with_wrap),
        ("a-program-and-a-module-have-the-library-as-a-subproject", check_subproject),
        ("the-example-application-is-installed", check_chat_window),
        ("the-compiler-works-where-the-installation-was-moved", check_moved_codegen),
    )
    print("1..%d" % len(checks))
    installation.use(mock)
    failures = 0
    for number, (name, check) in enumerate(checks, 1):
        try:
            check(installation, mock)
            print("ok %d %s" % (number, name), flush=True)
        except Skipped as reason:
            print("ok %d %s # SKIP %s" % (number, name, reason), flush=True)
        except Exception as failure:  # the next checks still run after any exception
            failures += 1
            print("not ok %d %s" % (number, name))
            print("\n".join("# " + line for line in ("%s: %s" % (type(failure).__name__, failure)).splitlines()), flush=True)
    mock.stop()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
