#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Sends a question, and prints the answer while it arrives.
//
// usage: chat.js QUESTION (OPENAI_MODEL names the model)

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Oai from 'gi://Oai?version=1';
import System from 'system';

const out = Gio.UnixOutputStream.new(1, false);

async function main(question) {
    const client = Oai.Client.new(null, null);
    const request = Oai.ChatRequest.new(GLib.getenv('OPENAI_MODEL') ?? 'gpt-4o-mini');
    request.add_user_message(question);

    for await (const chunk of client.chat.create_stream(request)) {
        for (const choice of chunk.get_choices())
            out.write_all(choice.get_delta().get_content() ?? '', null);
    }
    print('');
}

const loop = GLib.MainLoop.new(null, false);
let status = 0;

main(ARGV[0] ?? 'Why is the sky blue?').catch(e => {
    printerr(e.message);
    status = 1;
}).finally(() => loop.quit());
loop.run();
System.exit(status);
