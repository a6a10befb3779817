#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Tests that the packages contain all installed files, and that their versions and options are those of the project.

usage: test-packaging.py SOURCE-DIRECTORY BUILD-DIRECTORY

It reads what Meson installs from BUILD-DIRECTORY/meson-info. Prints TAP.
"""

import fnmatch
import glob
import json
import os
import re
import sys
import xml.etree.ElementTree as ET

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
DOAP = "{http://usefulinc.com/ns/doap#}"
LIBDIR = "usr/lib/TRIPLET"
PYTHON_DIR = "usr/lib/python3/dist-packages"
TAGS = ("bin", "bin-devel", "devel", "doc", "i18n", "man", "python-runtime", "runtime", "tests", "typelib")


class Failed(Exception):
    pass


class Project:
    def __init__(self, source, build):
        self.source = source
        info = os.path.join(build, "meson-info")
        with open(os.path.join(info, "intro-projectinfo.json"), encoding="utf-8") as file:
            self.version = json.load(file)["version"]
        with open(os.path.join(info, "intro-buildoptions.json"), encoding="utf-8") as file:
            self.options = {option["name"]: option["value"] for option in json.load(file)}
        with open(os.path.join(info, "intro-install_plan.json"), encoding="utf-8") as file:
            plan = json.load(file)
        self.installed = [(self.get_path(entry["destination"]), entry["tag"]) for group in plan.values() for entry in group.values()]

    def read(self, *parts):
        with open(os.path.join(self.source, *parts), encoding="utf-8") as file:
            return file.read()

    def get_path(self, destination):
        """The path of a file in a package with the prefix /usr, of any prefix, library directory and Python."""
        libdir = self.options["libdir"]
        for name, value in {"{prefix}": self.options["prefix"], "{libdir_shared}": libdir, "{libdir}": libdir,
                            "{moduledir_shared}": libdir, "{bindir}": "bin", "{datadir}": "share", "{mandir}": "share/man",
                            "{includedir}": "include"}.items():
            destination = destination.replace(name, value)
        path = os.path.relpath(os.path.join(self.options["prefix"], destination), self.options["prefix"])
        path = re.sub(r"^lib\w*/python3[\d.]*/\w+-packages", os.path.relpath(PYTHON_DIR, "usr"), path)
        if path.startswith(libdir + "/") and not path.startswith(("lib/python3/", "lib/systemd/")):
            path = path.replace(libdir, os.path.relpath(LIBDIR, "usr"), 1)
        return os.path.join("usr", path)


def is_listed(path, patterns):
    parents = path.split("/")
    return any(fnmatch.fnmatchcase("/".join(parents[:count]), pattern) for pattern in patterns
               for count in range(1, len(parents) + 1))


def expect_none(what, items):
    if items:
        raise Failed("%s: %s" % (what, ", ".join(sorted(items))))


def expect_version(project, what, version):
    if version != project.version:
        raise Failed("%s has the version %s, and the project %s" % (what, version, project.version))


def check_tags(project):
    """Each installed file has a tag, with which packages install a part."""
    expect_none("files without a tag", [path for path, tag in project.installed if tag not in TAGS])
    expect_none("installed twice", [path for path, _ in project.installed if [path for path, _ in project.installed].count(path) > 1])


def list_debian(project):
    return {os.path.basename(path)[:-len(".install")]: [line.split()[0] for line in project.read(path).splitlines()]
            for path in glob.glob(os.path.join(project.source, "debian", "*.install"))}


def check_debian_files(project):
    """Each installed file is in a binary package of Debian. Those that -Ddocs=enabled builds are named as well."""
    patterns = [pattern for files in list_debian(project).values() for pattern in files]
    expect_none("not in debian/*.install", [path for path, tag in project.installed if tag != "tests" and not is_listed(path, patterns)])
    if "usr/share/doc/openai-1" not in patterns:
        raise Failed("the reference is not in debian/*.install")


def check_debian_packages(project):
    packages = set(re.findall(r"^Package: (\S+)$", project.read("debian", "control"), re.MULTILINE))
    expect_none("packages with no files, or files of no package", packages ^ set(list_debian(project)))


def check_rpm_files(project):
    """Each installed file is in a package of the spec."""
    macros = {"%{_bindir}": "usr/bin", "%{_libdir}": LIBDIR, "%{_includedir}": "usr/include", "%{_datadir}": "usr/share",
              "%{_docdir}": "usr/share/doc", "%{_mandir}": "usr/share/man", "%{_unitdir}": "usr/lib/systemd/system",
              "%{_libexecdir}": "usr/libexec", "%{python3_sitelib}": PYTHON_DIR, "%{api}": "1"}
    patterns = []
    for line in re.findall(r"^%\{_?\w+\}/.*$", project.read("openai.spec"), re.MULTILINE):
        for name, value in macros.items():
            line = line.replace(name, value)
        patterns.append(line.rstrip("/"))
    expect_none("not in openai.spec", [path for path, tag in project.installed if tag != "i18n" and not is_listed(path, patterns)])


def check_man_pages(project):
    """Each program has a manual page."""
    paths = {path for path, _ in project.installed}
    programs = {os.path.basename(path) for path in paths if path.startswith("usr/bin/")} | {"oai-codegen"}
    expect_none("programs without a manual page", [name for name in programs if "usr/share/man/man1/%s.1" % name not in paths])


def check_scripts(project):
    """A program of an example that is installed as a link to a script can be executed."""
    for path in glob.glob(os.path.join(project.source, "examples", "*", "meson.build")):
        directory = os.path.dirname(path)
        with open(path, encoding="utf-8") as file:
            links = re.findall(r"^ *install_symlink\(.*pointing_to: program_dir((?: / '[^']+')+)", file.read(), re.MULTILINE)
        scripts = [os.path.join(directory, *re.findall(r"'([^']+)'", link)) for link in links]
        expect_none("scripts that cannot be executed", [script for script in scripts if not os.access(script, os.X_OK)])


def check_test_packages(project):
    """The spec also names what the tests need, which Debian leaves out of builds without tests."""
    names = {"ca-certificates": "ca-certificates", "dbus": "dbus-daemon", "gir1.2-json-1.0": "pkgconfig(json-glib-1.0)", "gjs": "gjs",
             "glib-networking": "glib-networking", "openssl": "openssl", "python3-gi": "python3-gobject"}
    needed = re.findall(r"^ (\S+) <!nocheck>,$", project.read("debian", "control"), re.MULTILINE)
    spec = re.findall(r"^BuildRequires: +(\S+)", project.read("openai.spec"), re.MULTILINE)
    expect_none("not in openai.spec", [name for name in needed if names.get(name) not in spec])


def check_licenses(project):
    """Files with another license than the library are those that debian/copyright names."""
    paragraphs = re.findall(r"^Files: (.*)\n(?:.*\n)*?License: (.*)$", project.read("debian", "copyright"), re.MULTILINE)
    named = {tuple(paragraph) for paragraph in paragraphs if paragraph[0] != "*"}
    found = set()
    for path in glob.glob(os.path.join(project.source, "examples", "**", "*.xml"), recursive=True):
        identifier = re.search(r"SPDX-License-Identifier: (\S+)", project.read(path))
        name = identifier.group(1) if identifier else "LGPL-2.1-or-later"
        metadata = re.search(r"<metadata_license>(.*)</metadata_license>", project.read(path))
        if metadata and metadata.group(1) != name:
            raise Failed("%s has the licenses %s and %s" % (path, metadata.group(1), name))
        if name != "LGPL-2.1-or-later":
            found.add((os.path.relpath(path, project.source), name))
    expect_none("differences of debian/copyright", [path for path, _ in named ^ found])


def check_versions(project):
    expect_version(project, "NEWS", project.read("NEWS").split("\n", 1)[0])
    expect_version(project, "debian/changelog", re.match(r"openai \((.*?)(-\w+)?\)", project.read("debian", "changelog")).group(1))
    expect_version(project, "openai.spec", re.search(r"^Version: *(.*)$", project.read("openai.spec"), re.MULTILINE).group(1))
    wrap = project.read("build-aux", "openai.wrap")
    expect_version(project, "directory in openai.wrap", re.search(r"^directory = openai-(.*)$", wrap, re.MULTILINE).group(1))
    expect_version(project, "the archive in openai.wrap", re.search(r"^source_filename = openai-(.*)\.tar\.xz$", wrap, re.MULTILINE).group(1))


def check_doap(project):
    root = ET.fromstring(project.read("openai.doap"))
    if root.tag != RDF + "RDF" or [child.tag for child in root] != [DOAP + "Project"]:
        raise Failed("openai.doap does not describe one project")
    expect_version(project, "openai.doap", root.findtext(".//%srevision" % DOAP))
    for name in ("name", "shortdesc", "description", "maintainer", "license"):
        if root.find("%sProject/%s%s" % (DOAP, DOAP, name)) is None:
            raise Failed("openai.doap has no " + name)


def check_wrap(project):
    """The wrap file provides the dependencies that have a pkg-config file."""
    provided = set(re.search(r"^dependency_names = (.*)$", project.read("build-aux", "openai.wrap"), re.MULTILINE).group(1).split(", "))
    installed = {os.path.basename(path)[:-len(".pc")] for path, _ in project.installed if path.endswith(".pc")}
    optional = {"openai-json-glib-1", "openai-mock-1"}
    expect_none("differences of openai.wrap and *.pc", (provided ^ installed) - optional)


def check_options(project):
    """Options in packages exist."""
    known = set(re.findall(r"^option\('([\w-]+)'", project.read("meson_options.txt"), re.MULTILINE))
    for path in (("debian", "rules"), ("openai.spec",), ("build-aux", "flatpak", "openai.yml")):
        used = set(re.findall(r"-D([\w-]+)=", project.read(*path)))
        expect_none("unknown options in " + "/".join(path), used - known)


def main():
    project = Project(*sys.argv[1:3])
    checks = (
        ("every-installed-file-has-a-tag", check_tags),
        ("debian-packages-contain-every-installed-file", check_debian_files),
        ("debian-packages-have-files", check_debian_packages),
        ("rpm-packages-contain-every-installed-file", check_rpm_files),
        ("programs-have-manual-pages", check_man_pages),
        ("programs-of-examples-can-be-executed", check_scripts),
        ("packages-for-tests-are-those-of-debian", check_test_packages),
        ("licenses-are-those-of-debian-copyright", check_licenses),
        ("versions-are-that-of-the-project", check_versions),
        ("the-doap-file-describes-the-project", check_doap),
        ("the-wrap-file-provides-all-packages", check_wrap),
        ("options-in-packages-exist", check_options),
    )
    failures = 0
    print("1..%d" % len(checks))
    for number, (name, check) in enumerate(checks, 1):
        try:
            check(project)
            print("ok %d %s" % (number, name))
        except Failed as failure:
            failures += 1
            print("not ok %d %s\n# %s" % (number, name, failure))
    return 1 if failures else 0


sys.exit(main())
