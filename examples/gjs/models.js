#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Lists the models of a server, and prints details of a failed call.

import GLib from 'gi://GLib';
import Oai from 'gi://Oai?version=1';
import System from 'system';

const client = Oai.Client.new(null, null);

async function main() {
    for await (const model of await client.models.list_async(null))
        print(model.id, model.owned_by);
}

const loop = GLib.MainLoop.new(null, false);
let status = 0;

main().catch(e => {
    const call = client.find_call_for_error(e);

    printerr(e.message);
    if (call)
        printerr(`status ${call.get_status_code()} after ${call.get_n_attempts()} attempts`);
    status = 1;
}).finally(() => loop.quit());
loop.run();
System.exit(status);
