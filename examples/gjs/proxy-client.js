#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A front end: streams the answer to a question through the back end of proxy.c or proxy.py, with a token of proxy-login.
//
// usage: proxy-client.js URL TOKEN [QUESTION] (OPENAI_MODEL names the model)
//
// URL is what the back end prints.  For a back end with TLS at a domain, use Oai.Settings.new_for_domain().

import GLib from 'gi://GLib';
import Oai from 'gi://Oai?version=1';
import System from 'system';

async function main(url, token, question) {
    const client = Oai.Client.new(Oai.Auth.new(token), Oai.Settings.new_for_base_url(url));
    const request = Oai.ChatRequest.new(GLib.getenv('OPENAI_MODEL') ?? 'gpt-4o-mini');
    request.add_user_message(question);

    const stream = client.chat.create_stream(request);
    let answer = '';
    stream.connect('content-delta', (_stream, text) => (answer += text));
    await stream.run_async(null);
    print(answer);
}

if (ARGV.length < 2) {
    printerr('usage: proxy-client.js URL TOKEN [QUESTION]');
    System.exit(2);
}

const loop = GLib.MainLoop.new(null, false);
let status = 0;

main(ARGV[0], ARGV[1], ARGV[2] ?? 'Why is the sky blue?').catch(e => {
    printerr(e.message);
    status = 1;
}).finally(() => loop.quit());
loop.run();
System.exit(status);
