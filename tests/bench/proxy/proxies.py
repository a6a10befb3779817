# SPDX-License-Identifier: LGPL-2.1-or-later
"""The proxies that are measured: how they are installed, started and requested.

Each is installed into the cache, and has a reason instead if that fails.
"""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import processes
from processes import Failed

HERE = Path(__file__).parent
NAMES = ('direct', 'ours', 'nginx', 'haproxy', 'http-proxy', 'portkey', 'litellm')
TOKEN = 'sk-bench-token-0123456789abcdefghijklmnop'
MODEL = 'gpt-4o-mini'

NGINX = '''
daemon off;
worker_processes 1;
pid {directory}/pid;
error_log {directory}/error.log;
worker_rlimit_nofile 8192;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {directory}/body;
  proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi;
  scgi_temp_path {directory}/scgi;
  keepalive_requests 100000000;
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_buffering off;
  proxy_request_buffering off;
  upstream bench {{ server 127.0.0.1:{upstream}; keepalive 256; keepalive_requests 100000000; }}
  server {{ listen 127.0.0.1:{port}; location /v1/ {{ proxy_pass http://bench/{reply}/v1/; }} }}
}}
'''

HAPROXY = '''
global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend clients
  bind 127.0.0.1:{port}
  http-request set-path /{reply}%[path]
  default_backend bench
backend bench
  http-reuse always
  server one 127.0.0.1:{upstream}
'''

# High limits, so that everything is counted and nothing is refused.
OURS = '''
[listen bench]
address = 127.0.0.1:{port}
[upstream bench]
base-url = http://127.0.0.1:{upstream}/{reply}/v1
key-file = key
[identity tokens]
type = tokens
file = tokens
limits = bench
[limits bench]
requests-per-minute = 1000000000
requests-per-day = 1000000000
tokens-per-minute = 1000000000000
tokens-per-day = 1000000000000
cost-per-day = 1000000000
max-streams = 100000
max-body-size = 1M
allowed-models = gpt-*
allowed-operations = chat.*
[prices]
gpt-4o-mini = 0.15; 0.075; 0.60
gpt-4o-mini-2024-07-18 = 0.15; 0.075; 0.60
[metrics]
address = 127.0.0.1:{metrics}
'''
OURS_USAGE = '''
[usage]
database = {directory}/usage.db
'''

LITELLM = '''
model_list:
  - model_name: {model}
    litellm_params:
      model: openai/{model}
      api_base: http://127.0.0.1:{upstream}/{reply}/v1
      api_key: sk-bench-upstream-0123456789abcdef
general_settings:
  master_key: {token}
'''


class Proxy:
    headers = ()
    slow = False
    start_seconds = 15

    def __init__(self, name, description):
        self.name = name
        self.description = description
        self.port = None
        self.process = None

    def get_path(self, reply):
        return '/v1/chat/completions'

    def get_cpu(self):
        return processes.get_cpu(self.process.pid)

    def get_memory(self):
        return processes.get_memory(self.process.pid)

    def make_command(self, upstream, reply, directory):
        raise NotImplementedError

    def get_environment(self):
        return {}

    def spawn(self, command, directory, **arguments):
        with (directory / f'{self.name}.log').open('w', encoding='utf-8') as log:
            return subprocess.Popen([str(word) for word in command], cwd=self.get_directory(directory), stderr=log,
                                    env=processes.make_environment(self.get_environment()), **({'stdout': log} | arguments))

    def get_directory(self, directory):
        return directory

    @contextlib.contextmanager
    def run(self, upstream, reply, directory):
        directory = directory / f'{self.name}-{reply}'
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir()
        self.port = processes.find_port()
        self.process = self.spawn(self.make_command(upstream, reply, directory), directory)
        try:
            processes.wait_for_port(self.process, self.port, self.start_seconds)
            yield
        finally:
            processes.stop(self.process)


class Direct(Proxy):
    """The server alone, for what the load and the server take."""

    def get_path(self, reply):
        return f'/{reply}/v1/chat/completions'

    def get_cpu(self):
        return 0

    def get_memory(self):
        return {'rss': 0, 'pss': 0}

    @contextlib.contextmanager
    def run(self, upstream, reply, directory):
        self.port = upstream
        yield


class Ours(Proxy):
    def __init__(self, build):
        self.modules = build.parents[1] / 'modules'
        self.program = self.modules / 'proxy/program/oai-proxy'
        self.has_records = (self.modules / 'proxy/liboai-proxy-sqlite.so').exists()
        records = 'usage records in SQLite' if self.has_records else 'NO USAGE RECORDS, because the plug-in sqlite is not built'
        super().__init__('ours', f'oai-proxy with tokens, limits, prices, metrics, and {records}')

    def get_environment(self):
        return {'OAI_MODULE_PATH': str(self.modules)}

    @staticmethod
    def write(path, text):
        path.touch(0o600)
        path.write_text(text, encoding='utf-8')

    def make_command(self, upstream, reply, directory):
        self.write(directory / 'key', 'sk-bench-upstream-0123456789abcdef\n')
        line = processes.run([self.program, '--hash-token', 'bench'], 'oai-proxy --hash-token', input=TOKEN + '\n',
                             env=processes.make_environment(self.get_environment()))
        self.write(directory / 'tokens', line + '\n')
        template = OURS + OURS_USAGE if self.has_records else OURS
        self.write(directory / 'oai-proxy.conf', template.format(directory=directory, upstream=upstream, port=self.port, reply=reply,
                                                                 metrics=processes.find_port()))
        return [self.program, '--config', directory / 'oai-proxy.conf']


class Nginx(Proxy):
    def __init__(self, program):
        version = subprocess.run([program, '-v'], capture_output=True, text=True, check=True).stderr
        super().__init__('nginx', f'{version.strip().rpartition(" ")[2]}, unbuffered, one worker')
        self.program = program

    def make_command(self, upstream, reply, directory):
        configuration = directory / 'nginx.conf'
        configuration.write_text(NGINX.format(directory=directory, upstream=upstream, port=self.port, reply=reply), encoding='utf-8')
        return [self.program, '-c', configuration, '-p', directory, '-e', directory / 'error.log']


class HaProxy(Proxy):
    def __init__(self, program):
        super().__init__('haproxy', f'HAProxy {re.search(r"version ([0-9.]+)", processes.run([program, "-v"], "haproxy"))[1]}, one thread')
        self.program = program

    def make_command(self, upstream, reply, directory):
        configuration = directory / 'haproxy.cfg'
        configuration.write_text(HAPROXY.format(upstream=upstream, port=self.port, reply=reply), encoding='utf-8')
        return [self.program, '-db', '-f', configuration]


class Node(Proxy):
    """A program of a package of npm."""

    def __init__(self, name, package, packages, node, version):
        super().__init__(name, f'{package} {find_installed(packages, package)}, node {version}')
        self.packages = packages
        self.node = node

    def get_environment(self):
        return {'NODE_ENV': 'production'}

    def get_directory(self, directory):
        return self.packages


class HttpProxy(Node):
    def make_command(self, upstream, reply, directory):
        return [self.node, HERE / 'http-proxy.mjs', self.port, f'http://127.0.0.1:{upstream}/{reply}']


class Portkey(Node):
    def get_environment(self):
        return {'NODE_ENV': 'production', 'TRUSTED_CUSTOM_HOSTS': '127.0.0.1', 'PORT': str(self.port)}

    def make_command(self, upstream, reply, directory):
        self.headers = ('x-portkey-provider: openai', f'x-portkey-custom-host: http://127.0.0.1:{upstream}/{reply}/v1')
        return [self.node, self.packages / 'node_modules/@portkey-ai/gateway/build/start-server.js', f'--port={self.port}', '--headless']


class LiteLlm(Proxy):
    slow = True
    start_seconds = 180

    def __init__(self, program, description):
        super().__init__('litellm', description)
        self.program = program

    def get_environment(self):
        return {'LITELLM_LOCAL_MODEL_COST_MAP': 'True', 'LITELLM_LOG': 'ERROR', 'LITELLM_TELEMETRY': 'False', 'NO_PROXY': '127.0.0.1'}

    def make_command(self, upstream, reply, directory):
        configuration = directory / 'litellm.yaml'
        configuration.write_text(LITELLM.format(upstream=upstream, reply=reply, model=MODEL, token=TOKEN), encoding='utf-8')
        return [self.program, '--config', configuration, '--host', '127.0.0.1', '--port', self.port, '--num_workers', '1', '--telemetry', 'False']


def find(tool):
    program = shutil.which(tool, path=f'{os.environ.get("PATH", "")}:/usr/sbin:/sbin')
    if program is None:
        raise Failed(f'{tool} is not installed')
    return program


def find_installed(packages, name):
    manifest = packages / 'node_modules' / name / 'package.json'
    return json.loads(manifest.read_text(encoding='utf-8'))['version'] if manifest.exists() else None


def install_npm(cache):
    """Returns the directory of the packages, the program and its version."""
    npm, node = find('npm'), find('node')
    packages = cache / 'proxies-npm'
    manifest = HERE / 'package.json'
    text = json.loads(manifest.read_text(encoding='utf-8'))
    wanted = text['dependencies'] | text['overrides']  # with newer versions of these, streams through Portkey fail
    if any(find_installed(packages, name) != version for name, version in wanted.items()):
        shutil.rmtree(packages, ignore_errors=True)
        packages.mkdir(parents=True)
        shutil.copy(manifest, packages)
        processes.run([npm, 'install', '--no-audit', '--no-fund', '--ignore-scripts'], 'npm', cwd=packages)
    return packages, node, processes.run([node, '--version'], 'node').removeprefix('v')


def make_http_proxy(cache):
    return HttpProxy('http-proxy', 'http-proxy', *install_npm(cache))


def make_portkey(cache):
    return Portkey('portkey', '@portkey-ai/gateway', *install_npm(cache))


def make_litellm(cache):
    directory = cache / 'proxies-python'
    requirements = HERE / 'requirements.txt'
    version = re.search(r'litellm\[proxy\]==(\S+)', requirements.read_text(encoding='utf-8'))[1]
    if not list(directory.glob(f'lib/python3*/site-packages/litellm-{version}.dist-info')):
        shutil.rmtree(directory, ignore_errors=True)
        processes.run([sys.executable, '-m', 'venv', directory], 'venv')
        processes.run([directory / 'bin/pip', 'install', '--quiet', '--requirement', requirements], 'pip', 1800)
    python = processes.run([directory / 'bin/python', '--version'], 'python')
    return LiteLlm(directory / 'bin/litellm', f'litellm {version}, {python}, one worker')


def make_proxies(build, cache, names):
    makers = {
        'direct': lambda: Direct('direct', 'the server without a proxy'),
        'ours': lambda: Ours(build),
        'nginx': lambda: Nginx(find('nginx')),
        'haproxy': lambda: HaProxy(find('haproxy')),
        'http-proxy': lambda: make_http_proxy(cache),
        'portkey': lambda: make_portkey(cache),
        'litellm': lambda: make_litellm(cache),
    }
    for name, make in makers.items():
        if name not in names:
            continue
        try:
            proxy = make()
        except (Failed, OSError) as reason:
            print(f'  {name:11} IS MISSING: {reason}', flush=True)
            continue
        print(f'  {name:11} {proxy.description}', flush=True)
        yield proxy
