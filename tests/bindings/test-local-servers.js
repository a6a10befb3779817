// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Finds a server at a UNIX socket of the user's runtime directory, and chats with it.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Oai from 'gi://Oai?version=1';
import OaiMock from 'gi://OaiMock?version=1';
import System from 'system';

const directory = GLib.Dir.make_tmp('oai-local-XXXXXX');
const path = GLib.build_filenamev([directory, 'llama.cpp.sock']);
GLib.setenv('XDG_RUNTIME_DIR', directory, true);

const mock = OaiMock.Server.new();
mock.start_in_thread();

// Connects each connection to the mock service.
const service = Gio.SocketService.new();
service.add_address(Gio.UnixSocketAddress.new(path), Gio.SocketType.STREAM, Gio.SocketProtocol.DEFAULT, null);
service.connect('incoming', (_service, connection) => {
    const client = Gio.SocketClient.new();

    client.connect_to_host_async('127.0.0.1', mock.get_port(), null, (_client, result) => {
        const server = client.connect_to_host_finish(result);

        connection.splice_async(server, Gio.IOStreamSpliceFlags.CLOSE_STREAM1 | Gio.IOStreamSpliceFlags.CLOSE_STREAM2,
            GLib.PRIORITY_DEFAULT, null, () => {});
    });
    return true;
});
service.start();

function assert(condition, message) {
    if (!condition)
        throw new Error(message);
}

async function find() {
    const servers = await Oai.find_local_servers_async();

    return [...servers].find(server => server.base_url === `unix:${path}:/v1`);
}

const tests = {
    async 'a-server-is-found'() {
        const server = await find();

        assert(server instanceof Oai.LocalServer, 'not found');
        assert(server.name === 'llama.cpp', server.name);
        assert(server.models.includes('gpt-4o'), server.models);
        assert(server.get_models().includes('gpt-4o'), server.models);
    },

    async 'a-found-server-answers'() {
        const settings = Oai.Settings.new_for_base_url((await find()).base_url);
        const client = Oai.Client.new(Oai.Auth.new('sk-test'), settings);
        const text = await client.chat.ask_async('gpt-4o', 'Hello', null);

        assert(text === 'You said: Hello', text);
    },

    async 'the-search-is-cancelled'() {
        const cancellable = Gio.Cancellable.new();
        const search = Oai.find_local_servers_async(cancellable);
        let code = null;

        cancellable.cancel();
        try {
            await search;
        } catch (e) {
            code = e.code;
        }
        assert(code === Gio.IOErrorEnum.CANCELLED, `${code}`);
    },
};

let failures = 0;

async function runAll(loop) {
    let number = 0;

    print(`1..${Object.keys(tests).length}`);
    for (const [name, test] of Object.entries(tests)) {
        number++;
        try {
            // eslint-disable-next-line no-await-in-loop
            await test();
            print(`ok ${number} ${name}`);
        } catch (e) {
            failures++;
            print(`not ok ${number} ${name}`);
            print(`${e}\n${e.stack}`.trim().replace(/^/gm, '# '));
        }
    }
    loop.quit();
}

const loop = GLib.MainLoop.new(null, false);
runAll(loop);
loop.run();
service.stop();
mock.stop();
GLib.unlink(path);
GLib.rmdir(directory);
System.exit(failures ? 1 : 0);
