#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Lets a model activate the actions of a program.
//
// usage: actions.js REQUEST (OPENAI_MODEL names the model)

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Oai from 'gi://Oai?version=1';
import System from 'system';

function makeActions() {
    const actions = new Gio.SimpleActionGroup();
    const volume = Gio.SimpleAction.new_stateful('volume', GLib.VariantType.new('i'), GLib.Variant.new_int32(50));

    volume.set_state_hint(new GLib.Variant('(ii)', [0, 100]));
    actions.add_action(Gio.SimpleAction.new_stateful('playing', null, GLib.Variant.new_boolean(false)));
    actions.add_action(volume);
    return actions;
}

async function main(request) {
    const actions = makeActions();
    const toolset = Oai.ActionToolset.new(actions);
    const session = Oai.ChatSession.new(Oai.Client.new(null, null), GLib.getenv('OPENAI_MODEL') ?? 'gpt-4o-mini');

    toolset.find('playing').description = 'Starts or stops the music.';
    toolset.find('volume').description = 'Changes the volume of the music, in percent.';
    session.toolset = toolset;
    const reply = await session.send_async(request);
    print(reply.text);
    for (const name of actions.list_actions().sort())
        print(`${name}: ${actions.get_action_state(name).print(false)}`);
}

const loop = GLib.MainLoop.new(null, false);
let status = 0;

main(ARGV[0] ?? 'Use the tools: play the music, at half of the volume.').catch(e => {
    printerr(e.message);
    status = 1;
}).finally(() => loop.quit());
loop.run();
System.exit(status);
