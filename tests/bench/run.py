#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Runs the benchmarks: the library and its peers alternately, and their ratios.

docs/benchmarks.md describes what is measured, and the figures.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
OURS, PACKAGE, CURL = 'ours', 'openai', 'curl'
MIB = 1024 * 1024


class Scenario:
    """A task for each of the programs."""

    def __init__(self, name, units, unit, path, arguments=(), expect=None, goals=None, limits=None, curl=None, target=None):
        self.name = name            # the sub-command is its first word
        self.units = units          # the amount of work
        self.unit = unit
        self.path = path            # below the server
        self.arguments = [str(argument) for argument in arguments]
        self.expect = expect        # the expected output
        self.goals = goals or {}    # the largest ratio to the package: {'cpu': 0.45}
        self.limits = limits or {}  # the maximum of the library: {'rss': 16 * MIB}
        self.curl = curl            # (url) -> its arguments
        self.target = target        # the file that is written, as large as upload_file

    @property
    def command(self):
        return self.name.split()[0]


def post(*more):
    return lambda url: ['-s', '-N', '-o', '/dev/null', '-H', 'Content-Type: application/json', '-d', '{}', *more, url]


def post_many(count, at_once, directory):
    def arguments(url):
        config = ''.join(f'next\nurl = "{url}"\noutput = "/dev/null"\ndata = "{{}}"\n' for _ in range(count))
        path = directory / 'requests.curl'
        path.write_text(config.removeprefix('next\n'), encoding='utf-8')
        parallel = ['--parallel', '--parallel-max', str(at_once)] if at_once > 1 else []
        return ['-s', *parallel, '-K', str(path)]
    return arguments


def make_scenarios(options, upload_file):
    quick = options.quick
    events = 20_000 if quick else 200_000
    paced = 1_000 if quick else 5_000
    requests = 200 if quick else 2_000
    rows = 256 if quick else 2_048
    size = upload_file.stat().st_size // MIB
    target = upload_file.with_name('download.bin')
    chat = '/v1/chat/completions'

    return [
        Scenario('stream ev', events, 'event', (f'/ev-{events}/v1', chat), expect=events,
                 goals={'cpu': 0.45}, curl=post()),
        Scenario('stream big', events, 'event', (f'/big-{events}/v1', chat), expect=events,
                 goals={'cpu': 0.12}, curl=post()),
        Scenario('stream paced', paced, 'event', (f'/paced-{paced}/v1', chat), expect=paced,
                 goals={'cpu': 0.22}, curl=post()),
        Scenario('completions 1', requests, 'request', ('/json/v1', chat), (requests, 1), expect=requests,
                 goals={'cpu': 0.12}, curl=post_many(requests, 1, upload_file.parent)),
        Scenario('completions 64', requests, 'request', ('/json/v1', chat), (requests, 64), expect=requests,
                 goals={'cpu': 0.16}, curl=post_many(requests, 64, upload_file.parent)),
        Scenario('ready', 1, 'start', None, expect='ready', goals={'wall': 0.06}, limits={'rss': 9 * MIB},
                 curl=lambda url: ['--version']),
        Scenario('embeddings base64', rows, 'vector', (f'/base64-{rows}/v1', '/v1/embeddings'), (rows, 'base64'), expect=rows * 1536,
                 goals={'cpu': 0.10, 'rss': 0.15}, curl=post()),
        Scenario('embeddings float', rows, 'vector', (f'/float-{rows}/v1', '/v1/embeddings'), (rows, 'float'), expect=rows * 1536,
                 goals={'cpu': 0.20}, curl=post()),
        Scenario('upload', size, 'MiB', ('/file/v1', '/v1/files'), (upload_file,), expect='file-abc123',
                 goals={'cpu': 0.45}, limits={'rss': 16 * MIB},
                 curl=lambda url: ['-s', '-o', '/dev/null', '-F', 'purpose=user_data', '-F', f'file=@{upload_file}', url]),
        Scenario('download', size, 'MiB', (f'/bytes-{size}/v1', '/v1/files/file-abc123/content'), (target,), expect=size * MIB,
                 goals={'cpu': 0.45}, limits={'rss': 16 * MIB},
                 curl=lambda url: ['-s', '-o', str(target), url], target=target),
    ]


@contextlib.contextmanager
def serve(program):
    process = subprocess.Popen([program, '3600'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield int(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait(10)


def get_stats(port):
    with urllib.request.urlopen(f'http://127.0.0.1:{port}/stats', timeout=10) as reply:
        return json.load(reply)


class Package:
    """The official package for Node.js, kept in a cache."""

    def __init__(self, cache, node, wanted=True):
        self.why_not = None if wanted else 'it was not wanted'
        if not wanted:
            return
        self.node = node or shutil.which('node')
        npm = shutil.which('npm')
        if node and node.isdigit():
            self.node = self.install_node(npm, cache, node)
        if self.node is None or npm is None:
            self.why_not = 'node or npm is not there'
            return

        self.node = os.path.abspath(self.node)
        version = subprocess.run([self.node, '--version'], capture_output=True, text=True, check=True).stdout.strip()
        self.directory = cache / f'node-{version}'
        if not (self.directory / 'node_modules' / 'openai').is_dir():
            self.install(npm, self.directory, 'openai')
        if self.why_not is None:
            shutil.copy(HERE / 'peer.mjs', self.directory)
            manifest = json.loads((self.directory / 'node_modules/openai/package.json').read_text(encoding='utf-8'))
            self.version = f'openai {manifest["version"]}, node {version}'

    def install(self, npm, directory, name):
        directory.mkdir(parents=True, exist_ok=True)
        (directory / 'package.json').write_text('{"private": true}\n', encoding='utf-8')
        environment = dict(os.environ)
        if self.node is not None:
            environment['PATH'] = f'{os.path.dirname(os.path.abspath(self.node))}:{environment["PATH"]}'
        result = subprocess.run([npm, 'install', '--no-audit', '--no-fund', '--ignore-scripts=false', name],
                                cwd=directory, env=environment, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            self.why_not = f'npm could not install {name}'

    def install_node(self, npm, cache, version):
        directory = cache / f'npm-node-{version}'
        node = directory / 'node_modules/node/bin/node'
        self.node = shutil.which('node')
        if npm is not None and not node.exists():
            self.install(npm, directory, f'node@{version}')
        return str(node) if node.exists() else None


class Runner:
    def __init__(self, options):
        self.options = options
        self.build = Path(options.build_dir)
        self.cache = Path(options.cache or self.build / 'cache')
        self.cache.mkdir(parents=True, exist_ok=True)
        self.package = Package(self.cache, options.node, not options.alone)
        self.curl = None if options.alone else shutil.which('curl')
        self.environment = dict(os.environ, G_MESSAGES_DEBUG='', NO_PROXY='127.0.0.1', no_proxy='127.0.0.1')

    def make_upload_file(self):
        path = self.cache / ('upload-64.bin' if self.options.quick else 'upload-512.bin')
        size = (64 if self.options.quick else 512) * MIB
        if not path.exists() or path.stat().st_size != size:
            with path.open('wb') as file:
                for _ in range(size // MIB):
                    file.write(bytes(range(256)) * 4096)
        return path

    def get_programs(self, scenario, port):
        url = [f'http://127.0.0.1:{port}{scenario.path[0]}'] if scenario.path else []
        arguments = [scenario.command, *url, *scenario.arguments]
        programs = {OURS: [str(self.build / 'client'), *arguments]}
        if self.package.why_not is None:
            programs[PACKAGE] = [self.package.node, str(self.package.directory / 'peer.mjs'), *arguments]
        if self.curl is not None and scenario.curl is not None:
            whole = url[0].removesuffix('/v1') + scenario.path[1] if url else ''
            programs[CURL] = [self.curl, *scenario.curl(whole)]
        return programs

    def touch_memory(self, target):
        """Touches the memory of the page cache. A virtual machine returns unused memory to its host, and the first
        access to it is several times slower, which would affect a random program."""
        shutil.copyfile(self.make_upload_file(), target)
        target.unlink()

    def measure(self, scenario, program, command):
        if scenario.target is not None:
            self.touch_memory(scenario.target)
        with tempfile.NamedTemporaryFile('r', suffix='.json') as figures:
            result = subprocess.run([str(self.build / 'measure'), figures.name, *command], env=self.environment,
                                    capture_output=True, text=True, timeout=600, check=False)
            if result.returncode != 0:
                sys.exit(f'{scenario.name}: {program} failed: {result.stderr.strip()[-500:]}')
            if program != CURL and scenario.expect is not None and result.stdout.strip() != str(scenario.expect):
                sys.exit(f'{scenario.name}: {program} got {result.stdout.strip()!r} instead of {scenario.expect!r}')
            return json.load(figures)

    def run_scenario(self, scenario, port):
        programs = self.get_programs(scenario, port)
        samples = {program: [] for program in programs}
        for program, command in programs.items():  # warms up the caches, and is not counted
            self.measure(scenario, program, command)
        get_stats(port)
        connections = None
        for _ in range(self.options.rounds):
            for program, command in programs.items():
                samples[program].append(self.measure(scenario, program, command))
                stats = get_stats(port)
                if program == OURS:
                    connections = stats['connections'] - 1  # the connection of this request is counted
        return self.summarize(scenario, samples, connections)

    def summarize(self, scenario, samples, connections):
        result = {'name': scenario.name, 'units': scenario.units, 'unit': scenario.unit, 'connections': connections,
                  'programs': {}, 'ratios': {}, 'goals': scenario.goals, 'limits': scenario.limits}
        for program, rounds in samples.items():
            result['programs'][program] = {key: statistics.median(sample[key] for sample in rounds) for key in ('cpu', 'wall', 'rss')}
        for program in samples:
            if program != OURS:
                pairs = list(zip(samples[OURS], samples[program]))
                result['ratios'][program] = {key: statistics.median(ours[key] / max(other[key], 1e-6) for ours, other in pairs)
                                             for key in ('cpu', 'wall', 'rss')}
        return result

    def count_instructions(self, mode, port):
        few, many = (200, 1_200) if self.options.quick else (1_000, 6_000)
        counts = []
        for events in (few, many):
            with tempfile.NamedTemporaryFile('r', suffix='.callgrind') as profile:
                result = subprocess.run(['valgrind', '--tool=callgrind', f'--callgrind-out-file={profile.name}',
                                         str(self.build / 'client'), 'stream', f'http://127.0.0.1:{port}/{mode}-{events}/v1'],
                                        env=self.environment, capture_output=True, text=True, timeout=600, check=False)
                if result.returncode != 0:
                    sys.exit(f'the client failed below valgrind: {result.stderr.strip()[-500:]}')
                counts.append(int(re.search(r'^(?:summary|totals): (\d+)', profile.read(), re.MULTILINE)[1]))
        return (counts[1] - counts[0]) / (many - few)


def tell(good):
    return 'ok' if good else 'MISSED'


def format_amount(seconds, units):
    each = seconds / units
    return f'{each * 1e3:.3f} ms' if each >= 1e-3 else f'{each * 1e6:.2f} us'


def print_scenario(result):
    print(f'\n{result["name"]} ({result["units"]:,} × {result["unit"]}; {result["connections"]} connections)')
    for program, medians in result['programs'].items():
        line = f'  {program:8} CPU {format_amount(medians["cpu"], result["units"]):>10} each, wall {medians["wall"]:7.3f} s, RSS {medians["rss"] / MIB:6.1f} MB'
        if program in result['ratios']:
            ratios = result['ratios'][program]
            line += f' | ours/{program}: CPU {ratios["cpu"]:.3f}, wall {ratios["wall"]:.3f}, RSS {ratios["rss"]:.3f}'
        print(line)
    for key, goal in result['goals'].items():
        if PACKAGE in result['ratios']:
            ratio = result['ratios'][PACKAGE][key]
            print(f'  goal: {key} <= {goal} of the package: {ratio:.3f} {tell(ratio <= goal)}')
    for key, limit in result['limits'].items():
        amount = result['programs'][OURS][key]
        print(f'  goal: {key} <= {limit / MIB:.0f} MB: {amount / MIB:.1f} MB {tell(amount <= limit)}')
    sys.stdout.flush()


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--build-dir', required=True, help='where client, bench-server and measure were built')
    parser.add_argument('--cache', help='where peers are installed (default: cache/ in the build directory)')
    parser.add_argument('--node', help='the node to run the package with, or a version for npm to install, such as 22')
    parser.add_argument('--rounds', type=int, help='how often each program runs (7, or 3 with --quick)')
    parser.add_argument('--quick', action='store_true', help='a tenth of the work: shows that all runs; start-up distorts the ratios')
    parser.add_argument('--alone', action='store_true', help='run no peers')
    parser.add_argument('--only', action='append', help='run scenarios whose name contains this', metavar='TEXT')
    parser.add_argument('--json', help='write the figures to this file')
    parser.add_argument('--strict', action='store_true', help='fail when connections or instructions miss their goal')
    options = parser.parse_args()
    options.rounds = options.rounds or (3 if options.quick else 7)
    return options


def count_all_instructions(runner, port):
    if shutil.which('valgrind') is None:
        print('\nNo valgrind: instructions are not counted.')
        return {}
    counts = {mode: runner.count_instructions(mode, port) for mode in ('ev', 'big')}
    print(f'\ninstructions an event: {counts["ev"]:,.0f} with an event per chunk, {counts["big"]:,.0f} with big chunks')
    print(f'  goal: <= 16,000 with an event per chunk: {tell(counts["ev"] <= 16_000)}')
    return counts


def main():
    options = parse_options()
    runner = Runner(options)
    figures = {'quick': options.quick, 'rounds': options.rounds, 'scenarios': []}

    if runner.package.why_not is None:
        figures['package'] = runner.package.version
        print(f'Peers: {runner.package.version}; {"curl" if runner.curl else "no curl"}. Medians of {options.rounds} rounds.')
    else:
        print(f'WITHOUT the official package: {runner.package.why_not}. Goals that compare with it are not checked.')

    with serve(runner.build / 'bench-server') as port:
        for scenario in make_scenarios(options, runner.make_upload_file()):
            if options.only and not any(text in scenario.name for text in options.only):
                continue
            result = runner.run_scenario(scenario, port)
            print_scenario(result)
            figures['scenarios'].append(result)
        if not options.only or 'instructions' in options.only:
            figures['instructions'] = count_all_instructions(runner, port)

    connections = [result['connections'] for result in figures['scenarios'] if result['name'] == 'completions 1']
    if connections:
        print(f'\nconnections for sequential requests: {connections[0]} {tell(connections[0] == 1)}')
    if options.json:
        Path(options.json).write_text(json.dumps(figures, indent=2) + '\n', encoding='utf-8')
    missed = any(count != 1 for count in connections)
    if 'instructions' in figures:
        missed = missed or figures['instructions'].get('ev', sys.maxsize) > 16_000

    return 1 if options.strict and missed else 0


if __name__ == '__main__':
    sys.exit(main())
