#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Generates responses over one WebSocket connection; each continues the one before.
//
// usage: web-socket.js [QUESTION...] (OPENAI_MODEL names the model)

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Oai from 'gi://Oai?version=1';
import System from 'system';

const out = Gio.UnixOutputStream.new(1, false);

async function main(questions) {
    const client = Oai.Client.new(null, null);
    const socket = client.responses.create_socket();
    socket.continue_lanes = true;

    for (const input of questions) {
        const request = new Oai.ResponseRequest({model: GLib.getenv('OPENAI_MODEL') ?? 'gpt-4o-mini', input});
        const stream = socket.create_stream(request, null);

        stream.connect('output-text-delta', (_stream, text) => out.write_all(text, null));
        await stream.run_async(null);
        print('');
    }
    await socket.close_async(1000, null, null);
}

const loop = GLib.MainLoop.new(null, false);
let status = 0;

main(ARGV.length > 0 ? ARGV : ['Name a city.', 'In which country is it?']).catch(e => {
    printerr(e.message);
    status = 1;
}).finally(() => loop.quit());
loop.run();
System.exit(status);
