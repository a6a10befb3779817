# SPDX-License-Identifier: LGPL-2.1-or-later
"""Builds and installs the peers: other libraries for the same service, from the manifests in peers/.

A peer needs the tools of its language, and is installed into a cache. If that fails, it has a reason instead.
"""

import json
import os
import re
import shutil
import subprocess
import sys

from programs import HERE, Program

PEERS = HERE / 'peers'
NODE = '22'  # installed if that on the path is too old for the package


class CannotInstall(Exception):
    """The message is the reason."""


def find(*tools):
    for tool in tools:
        if shutil.which(tool) is None:
            raise CannotInstall(f'{tool} is not installed')
    return shutil.which(tools[0])


def run(command, directory, environment=None):
    result = subprocess.run([str(word) for word in command], cwd=directory, env=environment, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        lines = result.stderr.strip().splitlines() or ['no message']
        raise CannotInstall(f'{os.path.basename(command[0])} failed: {lines[-1]}')
    return result.stdout.strip()


def copy_files(source, target, *names):
    target.mkdir(parents=True, exist_ok=True)
    for name in names:
        shutil.copy(source / name, target)


def find_version(path, pattern):
    return re.search(pattern, path.read_text(encoding='utf-8'))[1]


def make_rust(cache):
    cargo = find('cargo')
    source = shutil.copytree(PEERS / 'rust', cache / 'rust-source', dirs_exist_ok=True)
    # The build of some crates starts again whenever these variables change.
    environment = {name: value for name, value in os.environ.items() if name not in ('CC', 'CXX', 'CFLAGS', 'LD_LIBRARY_PATH')}
    run([cargo, 'build', '--quiet', '--release', '--target-dir', cache / 'rust'], source, environment)
    version = find_version(source / 'Cargo.lock', r'name = "async-openai"\nversion = "([^"]+)"')
    return Program('rust', [cache / 'rust/release/peer'], f'async-openai {version}, {run(["rustc", "--version"], source)[:12]}')


def make_go(cache):
    go = find('go')
    source = PEERS / 'go'
    run([go, 'build', '-trimpath', '-mod=readonly', '-o', cache / 'go-peer', '.'], source)
    version = find_version(source / 'go.mod', r'openai-go/v3 v(\S+)')
    return Program('go', [cache / 'go-peer'], f'openai-go {version}, {run([go, "version"], source).split()[2]}')


def make_python(cache):
    """Any Python with pip, such as that of the user rather than that of the system."""
    for python in filter(None, (shutil.which('python3'), sys.executable)):
        if subprocess.run([python, '-m', 'pip', '--version'], capture_output=True, check=False).returncode == 0:
            break
    else:
        raise CannotInstall('no Python has pip')

    requirements = PEERS / 'python/requirements.txt'
    python_version = run([python, '--version'], cache)
    directory = cache / python_version.replace(' ', '-').lower()
    version = find_version(requirements, r'openai==(\S+)')
    if not (directory / f'openai-{version}.dist-info').is_dir():
        shutil.rmtree(directory, ignore_errors=True)
        run([python, '-m', 'pip', 'install', '--quiet', '--target', directory, '--requirement', requirements], cache)
    # Its TLS library does not find the certificates of the system by itself.
    environment = {'PYTHONPATH': str(directory), 'SSL_CERT_FILE': '/etc/ssl/certs/ca-certificates.crt'}
    program = Program('python', [python, PEERS / 'python/peer.py'], f'openai {version}, {python_version}', environment=environment)
    program.once = True
    return program


def install_node(npm, cache, version):
    directory = cache / f'npm-node-{version}'
    node = directory / 'node_modules/node/bin/node'
    if not node.exists():
        directory.mkdir(parents=True, exist_ok=True)
        (directory / 'package.json').write_text('{"private": true}\n', encoding='utf-8')
        run([npm, 'install', '--no-audit', '--no-fund', '--ignore-scripts=false', f'node@{version}'], directory)
    return str(node)


def find_installed(directory, name):
    manifest = directory / 'node_modules' / name / 'package.json'
    return json.loads(manifest.read_text(encoding='utf-8'))['version'] if manifest.exists() else None


def make_npm(cache, node=None):
    npm = find('npm', 'node')
    if node is None:
        major = int(run(['node', '--version'], cache).removeprefix('v').split('.')[0])
        node = shutil.which('node') if major >= int(NODE) else NODE
    if node.isdigit():
        node = install_node(npm, cache, node)
    node = os.path.abspath(node)

    directory = cache / 'npm'
    dependencies = json.loads((PEERS / 'node/package.json').read_text(encoding='utf-8'))['dependencies']
    copy_files(PEERS / 'node', directory, 'package.json', 'package-lock.json', 'peer.mjs')
    if any(find_installed(directory, name) != version for name, version in dependencies.items()):
        environment = dict(os.environ, PATH=f'{os.path.dirname(node)}:{os.environ["PATH"]}')
        run([npm, 'ci', '--no-audit', '--no-fund'], directory, environment)
    description = f'openai {dependencies["openai"]}, node {run([node, "--version"], cache)}'
    return Program('npm', [node, directory / 'peer.mjs'], description,
                   environment={'NODE_EXTRA_CA_CERTS': '/etc/ssl/certs/ca-certificates.crt'})


def make_peers(cache, node, wanted):
    """A program for each peer that is wanted, with the reason if it cannot be installed."""
    makers = {'rust': make_rust, 'go': make_go, 'npm': lambda cache: make_npm(cache, node), 'python': make_python}

    for name, make in makers.items():
        if name not in wanted:
            continue
        print(f'Preparing the peer {name} ...', file=sys.stderr, flush=True)
        try:
            yield make(cache)
        except CannotInstall as reason:
            yield Program(name, why_not=str(reason))
