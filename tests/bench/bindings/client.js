// SPDX-License-Identifier: LGPL-2.1-or-later

// What client.c does, in GJS. Prints the same.
//
// usage: gjs -m client.js import
//        gjs -m client.js signal BASE-URL
//        gjs -m client.js iteration BASE-URL

import GLib from 'gi://GLib';
import Oai from 'gi://Oai?version=1';
import System from 'system';

function makeStream(baseUrl) {
    const client = Oai.Client.new(Oai.Auth.new('sk-test'), Oai.Settings.new_for_base_url(baseUrl));
    const request = Oai.ChatRequest.new('gpt-4o-mini');
    request.add_system_message('You are a helpful assistant.');
    request.add_user_message('Why is the sky blue?');
    return Oai.ChatEndpoint.new(client).create_stream(request);
}

async function signal(stream) {
    let count = 0;
    stream.connect('content-delta', (_stream, text) => {
        count += text ? 1 : 0;
    });
    await stream.run_async(null);
    return count;
}

async function iteration(stream) {
    let count = 0;
    for await (const chunk of stream) {
        if (chunk.get_choices()[0]?.get_delta()?.get_content())
            count++;
    }
    return count;
}

async function main(command, baseUrl) {
    if (command === 'import')
        return Oai.Client ? 'ready' : 'not ready';
    return await { signal, iteration }[command](makeStream(baseUrl));
}

const loop = GLib.MainLoop.new(null, false);
let status = 0;

main(...ARGV).then(result => print(result)).catch(e => {
    printerr(e.message);
    status = 1;
}).finally(() => loop.quit());
loop.run();
System.exit(status);
