#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Moderates a text and an image.
//
// usage: moderations.js TEXT [URL-OF-AN-IMAGE]

import GLib from 'gi://GLib';
import Oai from 'gi://Oai?version=1';
import System from 'system';

async function main(text, image) {
    const {moderations} = Oai.Client.new(null, null);
    print(await moderations.moderate_text_async(text, null) ? 'harmful' : 'harmless');

    const request = new Oai.ModerationRequest();
    request.add_text(text);
    request.add_image_url(image);
    const moderation = await moderations.create_async(request, null);
    const categories = moderation.get_results().flatMap(result => result.dup_flagged_categories());
    print(`together: ${moderation.is_flagged() ? categories.join(', ') || 'harmful' : 'harmless'}`);
}

const loop = GLib.MainLoop.new(null, false);
let status = 0;

main(ARGV[0] ?? 'I love you', ARGV[1] ?? 'https://example.org/cat.png').catch(e => {
    printerr(e.message);
    status = 1;
}).finally(() => loop.quit());
loop.run();
System.exit(status);
