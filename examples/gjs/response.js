#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Streams a response: prints the text while it arrives, and then the number of tokens used.
//
// usage: response.js QUESTION (OPENAI_MODEL names the model)

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Oai from 'gi://Oai?version=1';
import System from 'system';

const out = Gio.UnixOutputStream.new(1, false);

async function main(question) {
    const client = Oai.Client.new(null, null);
    const request = new Oai.ResponseRequest({
        model: GLib.getenv('OPENAI_MODEL') ?? 'gpt-4o-mini',
        instructions: 'Answer in one sentence.',
        input: question,
    });
    const stream = client.responses.create_stream(request);

    stream.connect('output-text-delta', (_stream, text) => out.write_all(text, null));
    const response = await stream.run_async(null);
    print('');
    if (response.usage !== null)
        print(`(${response.usage.total_tokens} tokens)`);
}

const loop = GLib.MainLoop.new(null, false);
let status = 0;

main(ARGV[0] ?? 'Why is the sky blue?').catch(e => {
    printerr(e.message);
    status = 1;
}).finally(() => loop.quit());
loop.run();
System.exit(status);
