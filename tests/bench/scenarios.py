# SPDX-License-Identifier: LGPL-2.1-or-later
"""The tasks that are measured."""

import dataclasses

from goals import MIB

OURS = 'ours'
ALL = (OURS, 'rust', 'go', 'npm', 'python', 'curl')
REQUESTS = (OURS, 'libsoup', 'rust', 'go', 'npm', 'python', 'curl')
BINDINGS = ('python signal', 'python iteration', 'gjs signal', 'gjs iteration', 'python import', 'gjs import')
CHAT = '/v1/chat/completions'
PLAIN, HTTP1, HTTP2, SOCKET = 'plain', 'http1', 'http2', 'socket'


@dataclasses.dataclass(frozen=True)
class Scenario:
    """A task for some of the programs."""

    name: str
    units: int                 # the amount of work
    unit: str
    command: tuple             # COMMAND ARGUMENT…, without the address
    expect: object = None      # the expected output
    reply: str = None          # which reply of the server; None for tasks without requests
    path: str = CHAT           # that the programs add to it
    programs: tuple = ALL
    server: str = PLAIN
    curl: object = None        # (url) -> its arguments
    target: object = None      # the file that is written

    def get_words(self, base_url):
        """The arguments of a program."""
        command, *arguments = map(str, self.command)
        return [command, *([] if self.reply is None else [base_url]), *arguments]

    def over(self, server, **changes):
        name = f'{server} {changes.pop("name", self.name)}'
        return dataclasses.replace(self, name=name, server=server, **changes)


def post():
    return lambda url: ['-s', '-N', '-o', '/dev/null', '-H', 'Content-Type: application/json', '-d', '{}', url]


def post_many(count, at_once, directory):
    def arguments(url):
        config = ''.join(f'next\nurl = "{url}"\noutput = "/dev/null"\ndata = "{{}}"\n' for _ in range(count))
        path = directory / 'requests.curl'
        path.write_text(config.removeprefix('next\n'), encoding='utf-8')
        parallel = ['--parallel', '--parallel-max', str(at_once)] if at_once > 1 else []
        return ['-s', *parallel, '-K', str(path)]
    return arguments


def make_stream(mode, events):
    return Scenario(f'stream {mode}', events, 'event', ('stream',), events, reply=f'{mode}-{events}', curl=post())


def make_response_stream(mode, events):
    return Scenario(f'response {mode}', events, 'event', ('response-stream',), events, reply=f'response-{mode}-{events}',
                    path='/v1/responses', programs=(OURS, 'npm', 'curl'), curl=post())


def make_response_socket(events):
    return Scenario('response socket', events, 'event', ('response-socket',), events, reply=f'socket-{events}', programs=(OURS, 'npm'),
                    server=SOCKET)


def make_completions(requests, at_once, directory):
    return Scenario(f'completions {at_once}', requests, 'request', ('completions', requests, at_once), requests, reply='json',
                    programs=REQUESTS, curl=post_many(requests, at_once, directory))


def make_embeddings(rows, encoding):
    return Scenario(f'embeddings {encoding}', rows, 'vector', ('embeddings', rows, encoding), rows * 1536,
                    reply=f'{encoding}-{rows}', path='/v1/embeddings', curl=post())


def make_download(size, target):
    return Scenario('download', size, 'MiB', ('download', target), size * MIB, reply=f'bytes-{size}',
                    path='/v1/files/file-abc123/content', curl=lambda url: ['-s', '-o', str(target), url], target=target)


def make_plain_scenarios(quick, upload_file):
    directory = upload_file.parent
    events = 20_000 if quick else 200_000
    requests = 200 if quick else 2_000
    rows = 256 if quick else 2_048
    size = upload_file.stat().st_size // MIB

    return [
        make_stream('ev', events),
        make_stream('big', events),
        make_stream('paced', 1_000 if quick else 5_000),
        make_response_stream('ev', events),
        make_response_stream('big', events),
        make_response_socket(events),
        make_completions(3 * requests, 1, directory),
        make_completions(requests, 64, directory),
        Scenario('ready', 1, 'start', ('ready',), 'ready', curl=lambda url: ['--version']),
        make_embeddings(rows, 'base64'),
        make_embeddings(rows, 'float'),
        Scenario('upload', size, 'MiB', ('upload', upload_file), 'file-abc123', reply='file', path='/v1/files',
                 curl=lambda url: ['-s', '-o', '/dev/null', '-F', 'purpose=user_data', '-F', f'file=@{upload_file}', url]),
        make_download(size, directory / 'download.bin'),
    ]


def make_tls_scenarios(quick, upload_file, server):
    directory = upload_file.parent
    requests = 200 if quick else 2_000
    without_python = tuple(program for program in ALL if program != 'python')  # which takes minutes
    plain = [
        *(dataclasses.replace(stream, programs=without_python) for stream in make_plain_scenarios(quick, upload_file)[:3]),
        make_completions(requests, 1, directory),
        make_completions(requests, 64, directory),
        make_download(64 if quick else 256, directory / 'download.bin'),
        dataclasses.replace(make_completions(1, 1, directory), name='first request'),
    ]
    return [scenario.over(server) for scenario in plain]


def make_binding_scenarios(quick):
    events = 2_000 if quick else 20_000
    long = 20_000 if quick else 200_000
    both = (*BINDINGS[:4], 'python', 'npm')
    gjs = (*BINDINGS[2:4], 'npm')

    return [
        dataclasses.replace(make_stream('ev', events), name='bindings ev', programs=both),
        dataclasses.replace(make_stream('big', events), name='bindings big', programs=both),
        dataclasses.replace(make_stream('ev', long), name='gjs long ev', programs=gjs),
        Scenario('import python', 1, 'start', ('import',), 'ready', programs=('python import', 'python')),
        Scenario('import gjs', 1, 'start', ('import',), 'ready', programs=('gjs import', 'npm')),
    ]


def make_stream_counts(quick):
    """Streams at once: together about as many events in each scenario."""
    bulk = 20_000 if quick else 200_000
    paced = {1: 5_000, 100: 1_000, 500: 400, 1_000: 200}

    for at_once in (1, 100) if quick else (1, 100, 500, 1_000):
        for mode, events in (('ev', bulk // at_once), ('paced', paced[at_once] // (5 if quick else 1))):
            total = events * at_once
            yield Scenario(f'{at_once} streams {mode}', total, 'event', ('streams', at_once), total, reply=f'{mode}-{events}',
                           programs=(OURS, 'rust', 'go'))


def make_scenarios(quick, upload_file):
    return [
        *make_plain_scenarios(quick, upload_file),
        *make_tls_scenarios(quick, upload_file, HTTP1),
        *make_tls_scenarios(quick, upload_file, HTTP2),
        *make_binding_scenarios(quick),
        *make_stream_counts(quick),
    ]
