#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Sends a question, waits for the answer, and prints it with the number of tokens used.
//
// usage: ask.js QUESTION (OPENAI_MODEL names the model)

import GLib from 'gi://GLib';
import Oai from 'gi://Oai?version=1';
import System from 'system';

async function main(question) {
    const client = Oai.Client.new(null, null);
    const request = Oai.ChatRequest.new(GLib.getenv('OPENAI_MODEL') ?? 'gpt-4o-mini');
    request.add_system_message('Answer in one sentence.');
    request.add_user_message(question);

    const completion = await client.chat.create_async(request, null);
    print(completion.get_text());
    if (completion.has_member('usage'))
        print(`(${completion.get_usage().get_total_tokens()} tokens)`);
}

const loop = GLib.MainLoop.new(null, false);
let status = 0;

main(ARGV[0] ?? 'Why is the sky blue?').catch(e => {
    printerr(e.message);
    status = 1;
}).finally(() => loop.quit());
loop.run();
System.exit(status);
