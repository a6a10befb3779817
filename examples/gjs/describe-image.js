#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Sends an image file with a question, and prints the answer.
//
// usage: describe-image.js FILE [QUESTION] (OPENAI_MODEL names the model)

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Oai from 'gi://Oai?version=1';
import System from 'system';

async function main(path, question) {
    const client = Oai.Client.new(null, null);
    const message = Oai.ResponseMessage.new_user(question);
    const file = Gio.File.new_for_path(path);
    message.add_part(await Oai.ResponseInputImage.new_for_file_async(file, Oai.IMAGE_DETAIL_LOW, null));

    const request = new Oai.ResponseRequest({
        model: GLib.getenv('OPENAI_MODEL') ?? 'gpt-4o-mini',
        input_items: [message],
    });
    const response = await client.responses.create_async(request, null);
    response.check();
    print(response.get_output_text());
}

if (ARGV.length < 1) {
    printerr('usage: describe-image.js FILE [QUESTION]');
    System.exit(1);
}

const loop = GLib.MainLoop.new(null, false);
let status = 0;

main(ARGV[0], ARGV[1] ?? 'What does this image show?').catch(e => {
    printerr(e.message);
    status = 1;
}).finally(() => loop.quit());
loop.run();
System.exit(status);
