#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Uploads a file with progress, downloads it again, and deletes it.
//
// usage: files.js FILE DIRECTORY

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Oai from 'gi://Oai?version=1';
import System from 'system';

async function main(path, directory) {
    const {files} = Oai.Client.new(null, null);
    const source = Oai.InputFile.new_for_path(path);
    source.connect('notify::fraction', () => printerr(`${Math.round(source.fraction * 100)} %`));

    const upload = Oai.FileUploadRequest.new(source, Oai.FILE_PURPOSE_USER_DATA);
    const file = await files.upload_async(upload, null);
    print(`${path} is ${file.id}, ${file.bytes} bytes`);

    for await (const other of await files.list_async(null, null))
        print(`${other.id} ${other.filename}`);

    const saved = await files.download_to_directory_async(file.id, Gio.File.new_for_path(directory), true, null);
    print(`and again ${saved.get_path()}`);
    await files.delete_when_processed_async(file.id, -1, null);
}

if (ARGV.length !== 2) {
    printerr('usage: files.js FILE DIRECTORY');
    System.exit(1);
}

const loop = GLib.MainLoop.new(null, false);
let status = 0;

main(...ARGV).catch(e => {
    printerr(e.message);
    status = 1;
}).finally(() => loop.quit());
loop.run();
System.exit(status);
