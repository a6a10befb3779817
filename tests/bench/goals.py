# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the benchmarks must show."""

MIB = 1024 * 1024

# Counts of one event or request of the library.  "counts", the benchmark of continuous integration, fails if one is
# exceeded, because they do not depend on the load of the machine.
INSTRUCTIONS = {
    'stream ev': 5_500,
    'stream big': 5_200,
    'response ev': 6_000,
    'response big': 6_000,
    'response socket': 17_000,  # 10,900 of them in libsoup and GLib, before the library gets the frame
    'completions 1': 420_000,
}
SYSTEM_CALLS = {
    'stream ev': 0.1,
    'stream paced': 2.5,
    'completions 1': 28,
}
CONNECTIONS = 1  # of requests in sequence


class Goal:
    """The maximum of a figure of a program, as a ratio to another program, or as an amount."""

    def __init__(self, scenario, figure, maximum, to=None, program='ours'):
        self.scenario = scenario
        self.figure = figure    # cpu (seconds), wall (seconds) or rss (bytes)
        self.maximum = maximum
        self.to = to            # the other program
        self.program = program

    def describe(self):
        what = f'{self.program}: {self.figure}' if self.program != 'ours' else self.figure
        if self.to is not None:
            return f'{what} <= {self.maximum:g} of {self.to}'
        if self.figure == 'rss':
            return f'{what} <= {self.maximum / MIB:g} MB'
        return f'{what} <= {self.maximum * 1000:g} ms'


GOALS = [
    Goal('stream ev', 'cpu', 0.6, to='rust'),
    Goal('stream ev', 'cpu', 0.15, to='npm'),
    Goal('stream ev', 'rss', 14 * MIB),
    Goal('stream big', 'cpu', 0.12, to='npm'),
    Goal('stream big', 'rss', 14 * MIB),
    Goal('stream paced', 'cpu', 1.15, to='rust'),
    Goal('response ev', 'cpu', 0.40, to='npm'),
    Goal('response big', 'cpu', 0.10, to='npm'),
    Goal('response socket', 'cpu', 0.40, to='npm'),
    Goal('response big', 'rss', 16 * MIB),
    Goal('completions 1', 'cpu', 0.75, to='go'),
    Goal('completions 1', 'cpu', 1.15, to='libsoup'),
    Goal('completions 64', 'cpu', 0.5, to='go'),
    Goal('completions 64', 'cpu', 1.15, to='libsoup'),
    Goal('ready', 'wall', 0.06, to='npm'),
    Goal('ready', 'rss', 9 * MIB),
    Goal('embeddings base64', 'cpu', 0.10, to='npm'),
    Goal('embeddings base64', 'rss', 0.15, to='npm'),
    Goal('embeddings float', 'cpu', 0.20, to='npm'),
    Goal('upload', 'cpu', 0.45, to='npm'),
    Goal('upload', 'rss', 16 * MIB),
    Goal('download', 'cpu', 0.45, to='npm'),
    Goal('download', 'rss', 16 * MIB),

    Goal('http1 stream ev', 'cpu', 0.6, to='rust'),
    Goal('http1 stream ev', 'cpu', 0.15, to='npm'),
    Goal('http1 stream paced', 'cpu', 1.25, to='rust'),
    Goal('http1 completions 64', 'cpu', 0.25, to='npm'),
    Goal('http1 completions 64', 'rss', 60 * MIB),
    Goal('http1 first request', 'cpu', 1.3, to='go'),

    Goal('http2 stream ev', 'cpu', 0.7, to='rust'),
    Goal('http2 stream big', 'cpu', 0.7, to='rust'),
    Goal('http2 stream paced', 'cpu', 1.25, to='rust'),
    Goal('http2 download', 'cpu', 0.8, to='go'),
    Goal('http2 download', 'rss', 30 * MIB),
    Goal('http2 first request', 'cpu', 1.3, to='go'),

    Goal('gjs long ev', 'cpu', 0.8, to='npm', program='gjs signal'),
    Goal('gjs long ev', 'cpu', 5, to='npm', program='gjs iteration'),
    Goal('import python', 'cpu', 0.055, program='python import'),
]


def get_goals(scenario):
    return [goal for goal in GOALS if goal.scenario == scenario]
