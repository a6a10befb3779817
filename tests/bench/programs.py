# SPDX-License-Identifier: LGPL-2.1-or-later
"""The programs that are measured. Each has a name, and a description or the reason why it is missing."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import measuring
from scenarios import OURS

HERE = Path(__file__).resolve().parent


class Program:
    """A program with the arguments COMMAND BASE-URL [ARGUMENT…], which prints its result."""

    prints = True
    once = False  # too slow for more than one round

    def __init__(self, name, start=None, description=None, why_not=None, environment=None):
        self.name = name
        self.start = start              # the command without these arguments
        self.description = description
        self.why_not = why_not
        self.environment = measuring.make_environment(environment)

    def get_command(self, scenario, base_url):
        return [*self.start, *scenario.get_words(base_url)]


class Curl(Program):
    """Its arguments are in the scenario, and it prints nothing."""

    prints = False

    def __init__(self):
        curl = shutil.which('curl')
        if curl is None:
            super().__init__('curl', why_not='curl is not installed')
            return
        version = subprocess.run([curl, '--version'], capture_output=True, text=True, check=True).stdout.split()[1]
        super().__init__('curl', [curl], f'curl {version}')

    def get_command(self, scenario, base_url):
        url = '' if scenario.reply is None else base_url.removesuffix('/v1') + scenario.path
        return [*self.start, *scenario.curl(url)]


class Binding(Program):
    """The library in another language, in the environment of "meson devenv". It imports the library, or also
    receives a stream by signal or by iteration."""

    def __init__(self, language, method, start):
        super().__init__(f'{language} {method}', start, f'the library in {language}: {method}')
        self.method = method
        self.environment = measuring.make_environment(dict(os.environ))
        self.why_not = self.find_problem()

    def find_problem(self):
        if shutil.which(self.start[0]) is None:
            return f'{self.start[0]} is not installed'
        result = subprocess.run([*self.start, 'import'], env=self.environment, capture_output=True, text=True, check=False)
        if result.stdout.strip() == 'ready':
            return None
        error = re.search(r'(?:^|JS ERROR: )(\w*Error: .*)', result.stderr, re.MULTILINE)
        return f'{error[1] if error else "it fails"} (it needs introspection, and the environment of "meson devenv")'

    def get_command(self, scenario, base_url):
        return [*self.start, self.method, *scenario.get_words(base_url)[1:]]


def has_gi(python):
    return subprocess.run([python, '-c', 'import gi.repository'], capture_output=True, check=False).returncode == 0


def make_bindings():
    """Python is that of the system if the one that runs this has no PyGObject."""
    python = sys.executable if has_gi(sys.executable) else '/usr/bin/python3'
    languages = {'python': ([python], 'client.py'), 'gjs': (['gjs', '-m'], 'client.js')}

    return [Binding(language, method, [*start, str(HERE / 'bindings' / file)])
            for language, (start, file) in languages.items() for method in ('import', 'signal', 'iteration')]


def make_own_programs(build):
    return [Program(OURS, [str(build / 'client')], 'the library'),
            Program('libsoup', [str(build / 'libsoup-client')], 'libsoup alone')]
