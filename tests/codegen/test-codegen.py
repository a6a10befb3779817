#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests the output of the API compiler, and its error messages.

usage: test-codegen.py [--update] [--cc COMPILER] [--include DIRECTORY]... [DESCRIPTION...]

--update stores the output as the expected output.  With --cc the code is also compiled.
The DESCRIPTIONs are those of the project, whose names must not conflict.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import traceback

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
TOOLS = os.path.join(HERE, "..", "..", "build-aux")
sys.path[:0] = [HERE, TOOLS]

from error_cases import CASES  # noqa: E402
from oaiapi import names  # noqa: E402
from oaiapi.diagnostics import Diagnostics  # noqa: E402
from oaiapi.parser import parse  # noqa: E402

CODEGEN = os.path.join(TOOLS, "oai-codegen")
EXPECTED = os.path.join(HERE, "expected")
ZOO = ["--in-tree", "--module-version", "1.4.0", "--depend", os.path.join(HERE, "base.api"), os.path.join(HERE, "zoo.api")]
FILES = ["oai-zoo-endpoint.c", "oai-zoo-endpoint.h", "oai-zoo-methods-private.h", "oai-zoo-streams-private.h",
         "oai-zoo-types.c", "oai-zoo-types.h"]
WARNINGS = ["-Wall", "-Wextra", "-Wshadow", "-Wcast-align", "-Wmissing-prototypes", "-Wredundant-decls",
            "-Wstrict-prototypes", "-Wno-unused-parameter", "-Wno-missing-field-initializers",
            "-Wno-cast-function-type", "-Werror"]


def codegen(*arguments, hash_seed="0"):
    return subprocess.run([sys.executable, CODEGEN, *arguments], capture_output=True, text=True,
                          env={**os.environ, "PYTHONHASHSEED": hash_seed})


def read(directory, name):
    with open(os.path.join(directory, name), encoding="utf-8") as file:
        return file.read()


def read_expected(name):
    return read(EXPECTED, f"{name}.expected")


def test_output_is_as_expected(options, work):
    assert codegen(*ZOO, "--output-dir", work).returncode == 0
    assert sorted(os.listdir(work)) == FILES, os.listdir(work)
    for name in FILES:
        assert read(work, name) == read_expected(name), f"{name} changed; if it should, run with --update"


def test_output_is_the_same_each_time(options, work):
    for seed in ("1", "2"):
        assert codegen(*ZOO, "--output-dir", os.path.join(work, seed), hash_seed=seed).returncode == 0
    for name in FILES:
        assert read(os.path.join(work, "1"), name) == read(os.path.join(work, "2"), name), name


def test_unchanged_files_are_not_written(options, work):
    codegen(*ZOO, "--output-dir", work)
    before = {name: os.stat(os.path.join(work, name)).st_mtime_ns for name in FILES}
    with open(os.path.join(work, FILES[0]), "a", encoding="utf-8") as changed:
        changed.write("\n")
    codegen(*ZOO, "--output-dir", work)
    after = {name: os.stat(os.path.join(work, name)).st_mtime_ns for name in FILES}
    assert [name for name in FILES if before[name] != after[name]] == FILES[:1]
    assert read(work, FILES[0]) == read_expected(FILES[0])


def test_depfile_names_all_sources(options, work):
    depfile = os.path.join(work, "zoo.d")
    codegen(*ZOO, "--output-dir", work, "--depfile", depfile)
    targets, _, sources = read(work, "zoo.d").partition(": ")
    assert targets.split()[0].endswith("oai-zoo-types.h")
    assert len(targets.split()) == len(FILES)
    for name in ("zoo.api", "zoo-keeping.api", "base.api", "parser.py", "emit_types.py"):
        assert any(os.path.basename(source) == name for source in sources.split()), name


def test_all_files_are_installed(options, work):
    listed = re.findall(r"'oaiapi/(\w+\.py)'", read(TOOLS, "meson.build"))
    assert listed == sorted(name for name in os.listdir(os.path.join(TOOLS, "oaiapi")) if name.endswith(".py"))


def test_checking_writes_nothing(options, work):
    assert codegen(*ZOO, "--check", "--output-dir", work).returncode == 0
    assert os.listdir(work) == []


def test_missing_file_is_an_error(options, work):
    run = codegen(os.path.join(work, "nothing.api"))
    assert run.returncode == 1
    assert "nothing.api:1:1: error: cannot be read" in run.stderr, run.stderr


def test_errors_name_the_part_of_the_description(options, work):
    texts = {"zoo": "module zoo\n  include birds.api fish.api\n/// A.\nrecord Zoo\n  id strin\n",
             "birds": "# Birds.\n/// B.\nrecord Bird\n  id Birb\n", "fish": "module fish\n"}
    for name, text in texts.items():
        with open(os.path.join(work, f"{name}.api"), "w", encoding="utf-8") as file:
            file.write(text)
    run = codegen("--check", os.path.join(work, "zoo.api"))
    assert run.returncode == 1
    for error in ("zoo.api:5:6: error:", "birds.api:4:6: error:", "fish.api:1:8: error: a description has one module only"):
        assert error in run.stderr, run.stderr
    os.unlink(os.path.join(work, "birds.api"))
    run = codegen("--check", os.path.join(work, "zoo.api"))
    assert "zoo.api:2:11: error: “birds.api” cannot be read: No such file" in run.stderr, run.stderr


def test_the_same_name_in_two_modules_is_an_error(options, work):
    paths = {name: os.path.join(work, f"{name}.api") for name in ("one", "two")}
    for name, path in paths.items():
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"module {name}\n/// A.\nrecord Animal\n  id string\n/// B.\nendpoint {name.title()}Endpoint\n"
                       f"  /// C.\n  op list GET animals -> list Animal\n")
    alone = codegen("--check", paths["two"])
    assert alone.returncode == 0, alone.stderr
    together = codegen("--check", "--beside", paths["one"], paths["two"])
    assert together.returncode == 1
    assert "two.api:3:8: error: “Animal” is already defined in the module “one”" in together.stderr, together.stderr


def test_errors_write_nothing(options, work):
    path = os.path.join(work, "bad.api")
    with open(path, "w", encoding="utf-8") as file:
        file.write("module bad\nrecord A\n")
    run = codegen(path, "--output-dir", os.path.join(work, "out"))
    assert run.returncode == 1
    assert not os.path.exists(os.path.join(work, "out"))


def test_version_of_a_third_party_module(options, work):
    codegen(*ZOO, "--output-dir", work, "--module-version", "2.5")
    assert '.version = "2.5"' in read(work, "oai-zoo-endpoint.c")


def test_headers_of_a_third_party_module_include_the_library(options, work):
    codegen(*ZOO[1:], "--output-dir", work)
    for name in ("oai-zoo-types.h", "oai-zoo-endpoint.h"):
        header = read(work, name)
        assert "#include <openai-1/openai.h>" in header, header
        assert "#include \"oai-record.h\"" not in header and "#include \"oai-endpoint.h\"" not in header, header


def test_headers_of_a_module_of_others_have_no_version_macros_of_the_library(options, work):
    codegen(*ZOO[1:], "--output-dir", work)
    for name in ("oai-zoo-types.h", "oai-zoo-endpoint.h"):
        header = read(work, name)
        assert "OAI_AVAILABLE" not in header and "OAI_DEPRECATED" not in header, header
        assert "\n_OAI_EXTERN G_DEPRECATED_FOR (" in header, header


def test_module_with_own_versions(options, work):
    path = os.path.join(work, "farm.api")
    with open(path, "w", encoding="utf-8") as file:
        file.write("module farm\n  since 0.3\n  macros FARM \"farm-version.h\"\n/// A.\nrecord Cow\n  id string\n"
                   "  /// B.\n  since 0.5\n  deprecated 0.6 for id\n  name string\n"
                   "/// C.\nendpoint FarmEndpoint\n  /// D.\n  op list GET cows -> list Cow\n")
    run = codegen(path, "--output-dir", work, "--module-version", "0.6.1")
    assert run.returncode == 0, run.stderr
    header = read(work, "oai-farm-types.h")
    assert "#include <openai-1/openai.h>\n#include \"farm-version.h\"\n" in header, header
    assert "FARM_AVAILABLE_IN_0_3\nG_DECLARE_FINAL_TYPE (OaiCow," in header, header
    assert "FARM_DEPRECATED_IN_0_6_FOR (id)\nconst char *oai_cow_get_name (" in header, header
    assert " * Since: 0.5\n * Deprecated: 0.6: Use `id` instead.\n" in read(work, "oai-farm-types.c")


def test_versions_later_than_the_module_are_errors(options, work):
    run = codegen(*ZOO, "--module-version", "1.2.7", "--output-dir", work)
    assert run.returncode == 1
    errors = [line.split(": error: ")[1] for line in run.stderr.splitlines()]
    assert errors and all(error.endswith("is later than 1.2.7, the version of the module") for error in errors), run.stderr
    assert re.search(r"zoo\.api:\d+:9: error: “1.3” is later", run.stderr), run.stderr
    assert "“1.2”" not in run.stderr


def test_members_and_values_can_have_the_names_of_statements(options, work):
    path = os.path.join(work, "names.api")
    with open(path, "w", encoding="utf-8") as file:
        file.write("module names\n/// A.\nenum State\n  deprecated\n  since = \"SINCE\"\n/// B.\nrecord Item : writable\n"
                   "  /// C.\n  since string\n  /// D.\n  deprecated! bool\n/// E.\nendpoint NamesEndpoint\n"
                   "  /// F.\n  op list GET items -> list Item\n")
    run = codegen(path, "--output-dir", work)
    assert run.returncode == 0, run.stderr
    assert "oai_item_get_deprecated" in read(work, "oai-names-types.h")


def write_version_header(options, work):
    """The header of version 1.4.0, from the templates of the library."""
    templates = {}
    for directory in options.include:
        for name in ("oai-version.h.in", "oai-version-macros.h.in"):
            path = os.path.join(directory, name)
            if os.path.exists(path):
                templates[name] = read(directory, name)
    versions = "".join(f"#define OAI_VERSION_1_{minor} (G_ENCODE_VERSION (1, {minor}))\n" for minor in range(5))
    template = templates["oai-version-macros.h.in"].split("*/\n\n")[2]
    macros = "".join(template.replace("@RELEASE@", f"1_{minor}")
                     .replace("@NUMBERS@", f"1, {minor}") for minor in range(5))
    header = templates["oai-version.h.in"]
    for name, value in (("MAJOR_VERSION", "1"), ("MINOR_VERSION", "4"), ("MICRO_VERSION", "0"), ("VERSION", "1.4.0"),
                        ("VERSIONS", versions), ("VERSION_MACROS", macros)):
        header = header.replace(f"@OAI_{name}@", value)
    assert re.search("@[A-Z_]+@", header) is None, header
    with open(os.path.join(work, "oai-version.h"), "w", encoding="utf-8") as file:
        file.write(header)


def compile_zoo(options, work, name, *flags):
    gio = subprocess.run(["pkg-config", "--cflags", "gio-2.0"], check=True, capture_output=True, text=True).stdout
    includes = [f"-I{directory}" for directory in [work, os.path.join(HERE, "include"), *options.include]]
    return subprocess.run([*options.cc.split(), "-std=gnu11", "-fsyntax-only", "-DOAI_COMPILATION", *WARNINGS, *flags,
                           *includes, *gio.split(), os.path.join(work, name)], capture_output=True, text=True)


def generate_zoo(options, work):
    codegen(*ZOO, "--output-dir", work)
    codegen("--in-tree", os.path.join(HERE, "base.api"), "--output-dir", work)
    write_version_header(options, work)


def test_code_compiles_without_warnings(options, work):
    if options.cc is None:
        return "no compiler was given"
    generate_zoo(options, work)
    for name in ("oai-zoo-types.c", "oai-zoo-endpoint.c", "oai-base-types.c", "oai-base-endpoint.c"):
        run = compile_zoo(options, work, name)
        assert run.returncode == 0, run.stderr
    return None


def test_programs_are_warned_about_versions(options, work):
    if options.cc is None:
        return "no compiler was given"
    generate_zoo(options, work)
    programs = {
        "later": "return oai_zoo_endpoint_publish (NULL, NULL, NULL, NULL) != NULL;",  # since 1.3
        "deprecated": "return oai_animal_get_class_value (NULL) != NULL;",             # deprecated in 1.4
        "replaced": "return oai_zoo_endpoint_about (NULL, NULL, NULL) != NULL;",       # deprecated in 1.4
        "in_the_api": "return oai_animal_get_extra (NULL) != NULL;",
    }
    for name, body in programs.items():
        with open(os.path.join(work, f"{name}.c"), "w", encoding="utf-8") as file:
            file.write(f'#include "oai-zoo-endpoint.h"\n\nint\nmain (void)\n{{\n  {body}\n}}\n')
    minimum, maximum = "-DOAI_VERSION_MIN_REQUIRED=OAI_VERSION_1_%s", "-DOAI_VERSION_MAX_ALLOWED=OAI_VERSION_1_%s"
    for name, flags, warning in (
            ("later", [], None),
            ("later", [maximum % 3], None),
            ("later", [maximum % 2], "Not available before 1.3"),
            ("later", [minimum % 2, maximum % 2], "Not available before 1.3"),
            ("later", [minimum % 2, maximum % 2, "-DOAI_DISABLE_DEPRECATION_WARNINGS"], None),
            ("deprecated", [], "is deprecated"),
            ("deprecated", [minimum % 4], "is deprecated"),
            ("deprecated", [minimum % 3], None),
            ("deprecated", [maximum % 3], None),
            ("deprecated", ["-DOAI_DISABLE_DEPRECATION_WARNINGS"], None),
            ("replaced", [], "Use 'get_title' instead"),
            ("replaced", [minimum % 0], None),
            ("in_the_api", [], None),
            ("in_the_api", [minimum % 4, maximum % 3], "must not be before")):
        run = compile_zoo(options, work, f"{name}.c", *flags)
        assert (run.returncode == 0) == (warning is None), (name, flags, run.stderr)
        assert warning is None or warning in run.stderr, (name, flags, run.stderr)
    return None


def test_singular_names(options, work):
    pairs = {"messages": "message", "content_parts": "content_part", "modalities": "modality", "boxes": "box",
             "classes": "class", "searches": "search", "responses": "response", "indices": "index",
             "statuses": "status", "stop_list": "stop", "data": "datum", "bus": "bus", "choices": "choice"}
    assert {name: names.singular(name) for name in pairs} == pairs


def test_names_of_modules_do_not_clash(options, work):
    owners = {}
    for path in options.descriptions:
        with open(path, encoding="utf-8") as file:
            decl = parse(path, file.read(), Diagnostics())
        for item in decl.enums + decl.records + decl.streams + decl.endpoints:
            symbol = names.snake(item.name.text)
            assert symbol not in owners, f"{item.name.text} is in {owners[symbol]} and in {path}"
            owners[symbol] = path
    constants = {}
    for path in options.descriptions:
        with open(path, encoding="utf-8") as file:
            decl = parse(path, file.read(), Diagnostics())
        for enum in decl.enums:
            for value in enum.values:
                constant = f"OAI_{names.snake(enum.name.text)}_{value.name.text}".upper()
                assert constant not in constants, f"{constant} is in {constants[constant]} and in {path}"
                constants[constant] = path


def error_test(description, expected):
    def test(options, work):
        path = os.path.join(work, "zoo.api")
        with open(path, "w", encoding="utf-8") as file:
            file.write(description)
        run = codegen(path, "--output-dir", work)
        assert run.returncode == 1, "no error"
        lines = [line[len(path) + 1:] for line in run.stderr.splitlines()]
        for part in expected:
            place, _, message = part.partition(": ")
            found = [line for line in lines if part in line.replace(" error:", "", 1)
                     or (message == "" and line.startswith(place))]
            assert found, f"“{part}” is not in:\n{run.stderr}"
        assert os.listdir(work) == ["zoo.api"]
    return test


def tests():
    for name, value in list(globals().items()):
        if name.startswith("test_"):
            yield name[len("test_"):].replace("_", " "), value
    for name, description, expected in CASES:
        yield f"error: {name}", error_test(description, expected)


def update():
    with tempfile.TemporaryDirectory() as work:
        subprocess.run([sys.executable, CODEGEN, *ZOO, "--output-dir", work], check=True)
        for name in FILES:
            shutil.copyfile(os.path.join(work, name), os.path.join(EXPECTED, f"{name}.expected"))


def run_one(number, name, test, options):
    with tempfile.TemporaryDirectory() as work:
        try:
            skipped = test(options, work)
        except Exception:
            print("\n".join("# " + line for line in traceback.format_exc().splitlines()))
            print(f"not ok {number} - {name}", flush=True)
            return False
    print(f"ok {number} - {name}" + (f" # SKIP {skipped}" if skipped else ""), flush=True)
    return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--cc")
    parser.add_argument("--include", action="append", default=[])
    parser.add_argument("descriptions", nargs="*")
    options = parser.parse_args()
    if options.update:
        update()
        return 0
    all_tests = list(tests())
    print(f"1..{len(all_tests)}")
    results = [run_one(number, name, test, options) for number, (name, test) in enumerate(all_tests, 1)]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
