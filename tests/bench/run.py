#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Runs the benchmarks: the library and its peers alternately, and their ratios.

docs/benchmarks.md describes what is measured, and the figures.
"""

import argparse
import json
import resource
import shutil
import sys
from pathlib import Path

import goals
import measuring
import peers
import programs
import report
import scenarios
import servers
from goals import MIB
from scenarios import HTTP1, HTTP2, OURS, PLAIN

PEERS = ('rust', 'go', 'npm', 'python', 'curl')


class Runner:
    def __init__(self, options, all_programs, all_servers, upload_file):
        self.options = options
        self.build = Path(options.build_dir)
        self.programs = {program.name: program for program in all_programs if program.why_not is None}
        self.servers = all_servers
        self.upload_file = upload_file
        self.warm = set()  # the programs that have run

    def touch_memory(self, target):
        """Touches the memory of the page cache. A virtual machine returns unused memory to its host, and the first
        access to it is several times slower, which would affect a random program."""
        shutil.copyfile(self.upload_file, target)
        target.unlink()

    def measure(self, scenario, program):
        server = self.servers[scenario.server]
        if scenario.target is not None:
            self.touch_memory(scenario.target)
        command = program.get_command(scenario, server.get_base_url(scenario))
        what = f'{scenario.name}: {program.name}'
        output, figures = measuring.measure(self.build / 'measure', server.prefix, command, program.environment, what)
        if program.prints and scenario.expect is not None and output != str(scenario.expect):
            sys.exit(f'{what} printed {output!r} instead of {scenario.expect!r}')
        return figures

    def warm_up(self, scenario, program):
        """The first run of a program reads it from the disk, and is not counted."""
        if program.name not in self.warm and not program.once:
            self.measure(scenario, program)
        self.warm.add(program.name)

    def run_scenario(self, scenario):
        """None if the library has no program for it."""
        chosen = [self.programs[name] for name in scenario.programs if name in self.programs]
        if not chosen or not self.is_ours(chosen[0]):
            return None
        server = self.servers[scenario.server]
        samples = {program.name: [] for program in chosen}
        connections = None

        for program in chosen:
            self.warm_up(scenario, program)
        for number in range(self.options.rounds):
            for program in chosen:
                if program.once and number > 0:
                    continue
                server.count_connections()
                samples[program.name].append(self.measure(scenario, program))
                if program.name == OURS and scenario.reply is not None:
                    connections = server.count_connections()
        return report.summarize(scenario, samples, connections)

    @staticmethod
    def is_ours(program):
        return program.name == OURS or isinstance(program, programs.Binding)

    def count_slope(self, count, make_scenario, few, many):
        """What a unit of work adds, without the start of the program."""
        client = self.programs[OURS]
        counts = []
        for units in (few, many):
            scenario = make_scenario(units)
            counts.append(count(client.get_command(scenario, self.servers[scenario.server].get_base_url(scenario)), client.environment))
        return (counts[1] - counts[0]) / (many - few)

    def count_connections(self, scenario):
        self.servers[PLAIN].count_connections()
        self.measure(scenario, self.programs[OURS])
        return self.servers[PLAIN].count_connections()

    def count(self):
        """The counts as {what: {scenario: (actual, maximum)}}."""
        directory = self.upload_file.parent
        makers = {
            'stream ev': lambda units: scenarios.make_stream('ev', units),
            'stream big': lambda units: scenarios.make_stream('big', units),
            'response ev': lambda units: scenarios.make_response_stream('ev', units),
            'response big': lambda units: scenarios.make_response_stream('big', units),
            'response socket': scenarios.make_response_socket,
            # Slower than in the scenario: strace slows the program, and two events must not arrive at once.
            'stream paced': lambda units: scenarios.make_stream('slow', units),
            'completions 1': lambda units: scenarios.make_completions(units, 1, directory),
        }
        tools = {
            'instructions': (measuring.why_no_instructions(), measuring.count_instructions, goals.INSTRUCTIONS,
                             {'stream ev': (1_000, 6_000), 'stream big': (1_000, 6_000), 'response ev': (1_000, 6_000), 'response big': (1_000, 6_000),
                              'response socket': (1_000, 6_000), 'completions 1': (100, 300)}),
            'system calls': (measuring.why_no_system_calls(), measuring.count_system_calls, goals.SYSTEM_CALLS,
                             {'stream ev': (1_000, 6_000), 'stream paced': (50, 200), 'completions 1': (100, 300)}),
        }
        counts = {'connections': {'completions 1': (self.count_connections(makers['completions 1'](200)), goals.CONNECTIONS)}}
        for what, (why_not, count, maxima, lengths) in tools.items():
            if why_not is not None:
                print(f'  {what} are not counted: {why_not}')
                continue
            counts[what] = {name: (self.count_slope(count, makers[name], *lengths[name]), maxima.get(name)) for name in lengths}
        return counts


def make_upload_file(cache, quick):
    size = (64 if quick else 512) * MIB
    path = cache / f'upload-{size // MIB}.bin'
    if not path.exists() or path.stat().st_size != size:
        with path.open('wb') as file:
            for _ in range(size // MIB):
                file.write(bytes(range(256)) * 4096)
    return path


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--build-dir', required=True, help='where client, bench-server and measure were built')
    parser.add_argument('--cache', help='where peers are installed (default: cache/ in the build directory)')
    parser.add_argument('--node', help='the node to run the npm package with, or a version for npm to install, such as 22')
    parser.add_argument('--rounds', type=int, help='how often each program runs (5, or 1 with --quick)')
    parser.add_argument('--quick', action='store_true', help='a tenth of the work: shows that all runs; start-up distorts the ratios')
    parser.add_argument('--alone', action='store_true', help='run no peers')
    parser.add_argument('--without', action='append', default=[], choices=PEERS, help='do not run this peer')
    parser.add_argument('--only', action='append', help='run scenarios whose name contains this, or "counts"', metavar='TEXT')
    parser.add_argument('--json', help='write the figures to this file')
    parser.add_argument('--markdown', help='write tables of the figures to this file')
    parser.add_argument('--strict', action='store_true', help='fail if a count exceeds its maximum')
    options = parser.parse_args()
    options.rounds = options.rounds or (1 if options.quick else 5)
    return options


def make_programs(options, cache, needed):
    yield from programs.make_own_programs(Path(options.build_dir))
    if needed & set(scenarios.BINDINGS):
        yield from programs.make_bindings()
    wanted = [] if options.alone else [name for name in PEERS if name in needed and name not in options.without]
    yield from peers.make_peers(cache, options.node, wanted)
    if 'curl' in wanted:
        yield programs.Curl()


def print_programs(options, all_programs, why_no_tls):
    print(f'Medians of {options.rounds} rounds; programs:')
    for program in all_programs:
        print(f'  {program.name:16} {program.description}' if program.why_not is None else f'  {program.name:16} IS MISSING: {program.why_not}')
    if options.alone:
        print('  No peers were wanted.')
    if why_no_tls is not None:
        print(f'TLS IS NOT MEASURED: {why_no_tls}')
    print(end='', flush=True)


def is_wanted(options, name):
    return not options.only or any(text in name for text in options.only)


def run(options, runner, chosen):
    figures = {'quick': options.quick, 'rounds': options.rounds, 'scenarios': []}
    good = True

    for scenario in chosen:
        if scenario.server not in runner.servers:
            continue
        result = runner.run_scenario(scenario)
        if result is None:
            print(f'\n{scenario.name}: skipped, see above')
            continue
        report.print_scenario(result)
        figures['scenarios'].append(result)

    report.print_memory_of_streams(figures['scenarios'])

    if is_wanted(options, 'counts'):
        print('\nCounts for one event or request, and connections of 200 requests in sequence:')
        figures['counts'] = runner.count()
        good = report.print_counts(figures['counts']) and good

    if options.json:
        Path(options.json).write_text(json.dumps(figures, indent=2) + '\n', encoding='utf-8')
    if options.markdown:
        Path(options.markdown).write_text(report.format_markdown(figures['scenarios']), encoding='utf-8')
    return good


def main():
    options = parse_options()
    cache = Path(options.cache or Path(options.build_dir) / 'cache').resolve()
    cache.mkdir(parents=True, exist_ok=True)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # for 1,000 streams at once

    upload_file = make_upload_file(cache, options.quick)
    chosen = [scenario for scenario in scenarios.make_scenarios(options.quick, upload_file) if is_wanted(options, scenario.name)]
    with_tls = any(scenario.server in (HTTP1, HTTP2) for scenario in chosen)
    why_no_tls = servers.find_problem() if with_tls else None
    needed = {name for scenario in chosen for name in scenario.programs}
    all_programs = list(make_programs(options, cache, needed))
    print_programs(options, all_programs, why_no_tls)

    with servers.serve(Path(options.build_dir) / 'bench-server', with_tls and why_no_tls is None) as all_servers:
        good = run(options, Runner(options, all_programs, all_servers, upload_file), chosen)

    return 1 if options.strict and not good else 0


if __name__ == '__main__':
    sys.exit(main())
