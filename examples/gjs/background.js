#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Starts a response in the background, waits for it, prints its text and deletes it.
//
// usage: background.js QUESTION (OPENAI_MODEL names the model, OPENAI_POLL_MS the interval of the checks)

import GLib from 'gi://GLib';
import Oai from 'gi://Oai?version=1';
import System from 'system';

async function main(question) {
    const client = Oai.Client.new(null, null);
    const request = new Oai.ResponseRequest({
        model: GLib.getenv('OPENAI_MODEL') ?? 'gpt-4o-mini',
        input: question,
        background: true,
    });
    const response = await client.responses.create_async(request, null);
    print(`${response.id}: ${response.status}`);

    const done = await response.wait_async(Number(GLib.getenv('OPENAI_POLL_MS') ?? 2000), -1, null);
    done.check();
    print(done.get_output_text());
    await done.delete_response_async(null);
}

const loop = GLib.MainLoop.new(null, false);
let status = 0;

main(ARGV[0] ?? 'Write a story about a house that rides a velociraptor.').catch(e => {
    printerr(e.message);
    status = 1;
}).finally(() => loop.quit());
loop.run();
System.exit(status);
