#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Reads a reply of a model into an object, which changes while the reply arrives.
//
// usage: structured.js DISH (OPENAI_MODEL names the model)

import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Oai from 'gi://Oai?version=1';
import System from 'system';

const Recipe = GObject.registerClass({
    Properties: {
        title: GObject.ParamSpec.string('title', null, null, GObject.ParamFlags.READWRITE, null),
        minutes: GObject.ParamSpec.int('minutes', null, 'Duration, in minutes', GObject.ParamFlags.READWRITE, 0, 1440, 0),
        ingredients: GObject.ParamSpec.boxed('ingredients', null, 'With the amounts', GObject.ParamFlags.READWRITE, GObject.type_from_name('GStrv')),
    },
}, class Recipe extends GObject.Object {});

async function main(dish) {
    const request = new Oai.ChatRequest({model: GLib.getenv('OPENAI_MODEL') ?? 'gpt-4o-mini'});
    request.add_user_message(`A recipe for ${dish}.`);
    request.set_response_type(Recipe);

    const recipe = new Recipe();
    recipe.connect('notify', (_recipe, {name}) => print(`[${name}: ${recipe[name]}]`));
    const stream = Oai.Client.new(null, null).chat.create_stream(request);
    stream.set_parsed(recipe);

    const completion = await stream.run_async(null);
    const {title, minutes, ingredients} = completion.parse(Recipe); // fails if the reply is not complete
    print(`${title} (${minutes} minutes)\n${ingredients.map(line => `- ${line}`).join('\n')}`);
}

const loop = GLib.MainLoop.new(null, false);
let status = 0;

main(ARGV.join(' ') || 'tomato soup').catch(e => {
    printerr(e.message);
    status = 1;
}).finally(() => loop.quit());
loop.run();
System.exit(status);
