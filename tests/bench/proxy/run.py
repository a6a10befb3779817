#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Measures OaiProxyServer and other proxies before the same server.

docs/benchmarks.md describes what is measured, and the figures.
"""

import argparse
import contextlib
import json
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import figures
import proxies
import processes

# The bodies of requests, and the paths of the server that select the reply.
COMPLETION = b'{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Say hello."}]}'
STREAM = b'{"model":"gpt-4o-mini","stream":true,"messages":[{"role":"user","content":"Say hello."}]}'
RATE = 1000  # requests a second
STREAMS = (100, 1000)


class Throughput:
    """As many requests as the proxy can reply to."""

    alone = False

    def __init__(self, name, reply, body, connections, seconds):
        self.name = name
        self.reply = reply
        self.body = body
        self.connections = connections
        self.seconds = seconds

    def warm_up(self, load, proxy, request):
        """Returns the number of requests a second."""
        first = load('closed', proxy, request, self.connections, (5 if proxy.slow else 20) * self.connections)
        again = load('closed', proxy, request, self.connections, max(self.connections, int(first['replies'] / first['seconds'] * self.seconds / 2)))
        return again['replies'] / again['seconds']

    def measure(self, load, proxy, request):
        count = max(self.connections, int(self.warm_up(load, proxy, request) * self.seconds))
        return measure(load, proxy, 'closed', request, self.connections, count)


class FixedRate(Throughput):
    """Latency while the proxy is not busy.  Other proxies that have been started would delay it, since some work all the time."""

    alone = True

    def measure(self, load, proxy, request):
        rate = self.warm_up(load, proxy, request)
        if rate < RATE:
            raise processes.Failed(f'{proxy.name} replies to {rate:.0f} requests a second')
        return measure(load, proxy, 'rate', request, self.connections, int(RATE * self.seconds), RATE)


def measure(load, proxy, mode, request, connections, count, *arguments):
    before = proxy.get_cpu()
    result = load(mode, proxy, request, connections, count, *arguments)
    return {'cpu': (proxy.get_cpu() - before) / count * 1e6, 'rate': count / result['seconds'], 'p50': result['p50'], 'p99': result['p99'],
            'rss': proxy.get_memory()['rss']}


def get_cpu_ratio(samples, program, other):
    """The median of the ratios of the rounds in which both ran."""
    return statistics.median(one['cpu'] / two['cpu'] for one, two in zip(samples[program], samples[other]))


def make_throughputs(quick):
    seconds = 0.5 if quick else 4
    return [
        Throughput('completion 1', 'json', COMPLETION, 1, seconds),
        Throughput('completion 64', 'json', COMPLETION, 64, seconds),
        FixedRate('completion at 1,000/s', 'json', COMPLETION, 16, seconds * 2),
        Throughput('stream 1', 'ev-100', STREAM, 1, seconds),
        Throughput('stream 64', 'ev-100', STREAM, 64, seconds),
    ]


def make_request(proxy, scenario_reply, body, directory):
    """The bytes are the same for all, except for the path and the headers that a proxy requires."""
    lines = [f'POST {proxy.get_path(scenario_reply)} HTTP/1.1', f'Host: 127.0.0.1:{proxy.port}', 'Content-Type: application/json',
             'Accept: application/json', 'User-Agent: OpenAI/Python 1.0.0', f'Authorization: Bearer {proxies.TOKEN}',
             *proxy.headers, f'Content-Length: {len(body)}']
    path = directory / f'{proxy.name}-request'
    path.write_bytes('\r\n'.join([*lines, '', '']).encode() + body)
    return path


def make_load(build):
    def load(mode, proxy, request, *arguments):
        return json.loads(processes.run([build / 'load', mode, proxy.port, request, *arguments], f'{proxy.name}: {mode}', 300))
    return load


class Runner:
    def __init__(self, options, available, upstream, directory):
        self.options = options
        self.available = available
        self.upstream = upstream
        self.directory = directory
        self.build = Path(options.build_dir).resolve()
        self.load = make_load(self.build)

    @contextlib.contextmanager
    def start(self, names, reply):
        """Starts proxies that send to one path of the server."""
        with contextlib.ExitStack() as stack:
            running = []
            for proxy in self.available:
                if proxy.name in names:
                    stack.enter_context(proxy.run(self.upstream, reply, self.directory))
                    running.append(proxy)
            yield running

    def run_throughputs(self, scenarios):
        samples = {}
        for reply in dict.fromkeys(scenario.reply for scenario in scenarios):
            chosen = [scenario for scenario in scenarios if scenario.reply == reply]
            with self.start([proxy.name for proxy in self.available], reply) as running:
                for scenario in chosen:
                    if not scenario.alone:
                        samples[scenario.name] = self.run_scenario(scenario, running, contextlib.nullcontext)
            for scenario in chosen:
                if scenario.alone:
                    samples[scenario.name] = self.run_scenario(scenario, self.available, lambda proxy, reply=reply: self.start([proxy.name], reply))
        return samples

    def run_scenario(self, scenario, running, prepare):
        samples = {}
        failed = {}
        for number in range(self.options.rounds):
            for proxy in running:
                if proxy.name in failed or number > 0 and proxy.slow and self.options.slow_once:
                    continue
                try:
                    with prepare(proxy):
                        request = make_request(proxy, scenario.reply, scenario.body, self.directory)
                        samples.setdefault(proxy.name, []).append(scenario.measure(self.load, proxy, request))
                except processes.Failed as reason:
                    failed[proxy.name] = str(reason)
        result = {name: {figure: statistics.median(sample[figure] for sample in rounds) for figure in rounds[0]}
                  for name, rounds in samples.items() if name not in failed}
        for name in result.keys() & {'ours'}:
            result[name]['ratios'] = {other: get_cpu_ratio(samples, name, other) for other in result if other not in (name, 'direct')}
        figures.print_scenario(scenario.name, result, failed)
        return result

    def run_streams(self):
        """Each proxy is started for the measurement, so that the memory of other requests is not counted."""
        memory = {}
        for proxy in self.available:
            if proxy.name == 'direct':
                continue
            with self.start([proxy.name], 'held-600') as running:
                one = running[0]
                memory[proxy.name] = {0: one.get_memory()}
                for count in (10, 100) if self.options.quick else STREAMS:
                    memory[proxy.name][count] = self.hold(one, count)
            figures.print_memory(proxy.name, memory[proxy.name])
        return memory

    def hold(self, proxy, count):
        request = make_request(proxy, 'held-600', STREAM, self.directory)
        with processes.hold([self.build / 'load', 'hold', proxy.port, request, count], count) as why_not:
            return proxy.get_memory() if why_not is None else {'failed': why_not}


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--build-dir', required=True, help='where bench-server and load were built')
    parser.add_argument('--cache', help='where peers are installed (default: cache/ in the build directory)')
    parser.add_argument('--rounds', type=int, help='how often each measurement is repeated (5, or 1 with --quick)')
    parser.add_argument('--quick', action='store_true', help='less work: shows that all runs')
    parser.add_argument('--slow-once', action='store_true', help='measure LiteLLM in the first round only')
    parser.add_argument('--proxy', action='append', choices=proxies.NAMES, help='only these proxies')
    parser.add_argument('--only', action='append', help='run what has a name that contains this, or "memory"', metavar='TEXT')
    parser.add_argument('--json', help='write the figures to this file')
    parser.add_argument('--markdown', help='write tables of the figures to this file')
    options = parser.parse_args()
    options.rounds = options.rounds or (1 if options.quick else 5)
    return options


def is_wanted(options, name):
    return not options.only or any(text in name for text in options.only)


def main():
    options = parse_options()
    build = Path(options.build_dir).resolve()
    cache = Path(options.cache or build / 'cache').resolve()
    cache.mkdir(parents=True, exist_ok=True)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # for 1,000 streams through a proxy

    with tempfile.TemporaryDirectory(prefix='oai-proxies-') as directory, processes.serve([build / 'bench-server', '7200']) as upstream:
        available = list(proxies.make_proxies(build, cache, options.proxy or proxies.NAMES))
        runner = Runner(options, available, upstream, Path(directory))
        result = {'rounds': options.rounds, 'programs': {proxy.name: proxy.description for proxy in available}}
        result['scenarios'] = runner.run_throughputs([one for one in make_throughputs(options.quick) if is_wanted(options, one.name)])
        result['memory'] = runner.run_streams() if is_wanted(options, 'memory') else {}
        result['goals'] = figures.check_goals(result['scenarios'], result['memory'])

    figures.print_goals(result['goals'])
    if options.json:
        Path(options.json).write_text(json.dumps(result, indent=2) + '\n', encoding='utf-8')
    if options.markdown:
        Path(options.markdown).write_text(figures.format_markdown(result), encoding='utf-8')


if __name__ == '__main__':
    sys.exit(main())
