# SPDX-License-Identifier: LGPL-2.1-or-later
"""The servers: bench-server, nginx before it for TLS with HTTP/1.1 and HTTP/2, and one for WebSocket connections."""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from scenarios import HTTP1, HTTP2, PLAIN, SOCKET

BUNDLE = Path('/etc/ssl/certs/ca-certificates.crt')
LIFETIME = 7200  # seconds
# Replaces the certificates of the system in a mount namespace, and runs the rest of the arguments there.
TRUST = ['sh', '-c', 'mount --bind "$1" "$2" && shift 2 && exec "$@"', 'sh']

NGINX = '''
daemon off;
master_process off;
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
  client_max_body_size 0;
  keepalive_requests 1000000;
  ssl_certificate {directory}/server.pem;
  ssl_certificate_key {directory}/server.key;
  ssl_protocols TLSv1.2 TLSv1.3;
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_buffering off;
  proxy_buffer_size 16k;
  proxy_buffers 4 16k;
  proxy_request_buffering off;
  upstream bench {{ server 127.0.0.1:{plain}; keepalive 256; keepalive_requests 1000000; }}
  server {{ listen 127.0.0.1:{http1} ssl; location / {{ proxy_pass http://bench; }} }}
  server {{ listen 127.0.0.1:{http2} ssl http2; location / {{ proxy_pass http://bench; }} }}
  server {{ listen 127.0.0.1:{status}; location / {{ stub_status; }} }}
}}
'''


class Server:
    def __init__(self, address, prefix, read_accepted):
        self.address = address
        self.prefix = prefix                # the command that programs need in front of theirs
        self.read_accepted = read_accepted  # returns the number of connections so far, with its own
        self.accepted = 0

    def get_base_url(self, scenario):
        return f'{self.address}/{scenario.reply}/v1'

    def count_connections(self):
        """The number since the last call.  A program opens one WebSocket connection, which is not counted."""
        if self.read_accepted is None:
            return 1
        before = self.accepted
        self.accepted = self.read_accepted()
        return self.accepted - before - 1


def read(port, path='/'):
    with urllib.request.urlopen(f'http://127.0.0.1:{port}{path}', timeout=10) as reply:
        return reply.read().decode()


@contextlib.contextmanager
def serve_plain(program):
    process = subprocess.Popen([program, str(LIFETIME)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        port = int(process.stdout.readline())
        yield port, Server(f'http://127.0.0.1:{port}', [], lambda: json.loads(read(port, '/stats'))['accepted'])
    finally:
        process.stdin.close()
        process.wait(10)


@contextlib.contextmanager
def serve_socket():
    program = Path(__file__).parent / 'socket-server.py'
    process = subprocess.Popen([sys.executable, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield Server(f'http://127.0.0.1:{int(process.stdout.readline())}', [], None)
    finally:
        process.stdin.close()
        process.wait(10)


def find_problem():
    """Why TLS cannot be measured, or None."""
    for tool in ('nginx', 'openssl', 'unshare'):
        if find(tool) is None:
            return f'{tool} is not installed'
    if not BUNDLE.exists():
        return f'{BUNDLE} does not exist'
    result = subprocess.run([*make_prefix(BUNDLE), 'true'], capture_output=True, text=True, check=False)
    return None if result.returncode == 0 else f'a certificate cannot be trusted in a mount namespace: {result.stderr.strip()[-200:]}'


def find(tool):
    return shutil.which(tool, path=f'{os.environ.get("PATH", "")}:/usr/sbin:/sbin')


def make_prefix(bundle):
    options = ['--mount'] if os.geteuid() == 0 else ['--mount', '--map-root-user']
    return ['unshare', *options, *TRUST, str(bundle), str(BUNDLE)]


def make_certificates(directory):
    """A certificate for 127.0.0.1, and the certificates of the system with that of its issuer."""
    def openssl(*arguments):
        subprocess.run(['openssl', *arguments], cwd=directory, capture_output=True, check=True)

    openssl('req', '-x509', '-newkey', 'rsa:2048', '-noenc', '-days', '2', '-subj', '/CN=Benchmark CA', '-keyout', 'ca.key', '-out', 'ca.pem')
    openssl('req', '-newkey', 'rsa:2048', '-noenc', '-subj', '/CN=127.0.0.1', '-keyout', 'server.key', '-out', 'server.csr')
    (directory / 'extensions').write_text('subjectAltName = IP:127.0.0.1\nextendedKeyUsage = serverAuth\n', encoding='utf-8')
    openssl('x509', '-req', '-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2',
            '-extfile', 'extensions', '-out', 'server.pem')
    bundle = directory / 'bundle.pem'
    bundle.write_bytes(BUNDLE.read_bytes() + (directory / 'ca.pem').read_bytes())
    return bundle


def find_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(('127.0.0.1', 0))
        return [one.getsockname()[1] for one in sockets]


def wait_until_ready(process, port):
    for _ in range(100):
        with contextlib.suppress(OSError):
            read(port)
            return
        if process.poll() is not None:
            raise SystemExit('nginx failed')
        time.sleep(0.1)
    raise SystemExit('nginx does not reply')


@contextlib.contextmanager
def serve_tls(plain):
    with tempfile.TemporaryDirectory(prefix='oai-bench-') as name:
        directory = Path(name)
        bundle = make_certificates(directory)
        http1, http2, status = find_ports(3)
        configuration = directory / 'nginx.conf'
        configuration.write_text(NGINX.format(directory=directory, plain=plain, http1=http1, http2=http2, status=status), encoding='utf-8')
        process = subprocess.Popen([find('nginx'), '-c', configuration, '-p', directory, '-e', directory / 'error.log'])
        try:
            wait_until_ready(process, status)

            def read_accepted():
                return int(re.search(r'^ (\d+)', read(status), re.MULTILINE)[1])

            yield {HTTP1: Server(f'https://127.0.0.1:{http1}', make_prefix(bundle), read_accepted),
                   HTTP2: Server(f'https://127.0.0.1:{http2}', make_prefix(bundle), read_accepted)}
        finally:
            process.terminate()
            process.wait(10)


@contextlib.contextmanager
def serve(program, with_tls):
    """The servers by name."""
    with contextlib.ExitStack() as stack:
        port, plain = stack.enter_context(serve_plain(program))
        servers = {PLAIN: plain, SOCKET: stack.enter_context(serve_socket())}
        if with_tls:
            servers |= stack.enter_context(serve_tls(port))
        yield servers
