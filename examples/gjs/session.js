#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Lets a model use functions of the program in a conversation.
//
// usage: session.js QUESTION... (OPENAI_MODEL names the model)

import GLib from 'gi://GLib';
import Oai from 'gi://Oai?version=1';
import System from 'system';

const toolset = new Oai.Toolset();

toolset.addTool({
    name: 'get_temperature',
    description: 'Returns the temperature in a city.',
    parameters: {
        type: 'object',
        properties: {
            city: {type: 'string', description: 'the name of the city, in English'},
            unit: {type: 'string', enum: ['celsius', 'fahrenheit']},
        },
        required: ['city'],
    },
}, async ({city, unit}) => {
    await null; // a program would use the network here
    if (city === '')
        throw new Oai.ToolError('The name of the city is empty.');
    return {city, temperature: unit === 'fahrenheit' ? 88 : 31};
});

async function main(questions) {
    const session = Oai.ResponsesSession.new(Oai.Client.new(null, null), GLib.getenv('OPENAI_MODEL') ?? 'gpt-4o-mini');
    session.instructions = 'Answer in one sentence.';
    session.toolset = toolset;
    session.connect('call-finished', (_session, call) => print(`[${call.name} ${call.arguments}: ${call.output}]`));
    for (const question of questions) {
        const reply = await session.send_async(question);
        print(`${question}\n${reply.text}`);
    }
}

const loop = GLib.MainLoop.new(null, false);
let status = 0;

main(ARGV.length ? ARGV : ['Use the tool: how warm is it in Kuala Lumpur?', 'And in Fahrenheit?']).catch(e => {
    printerr(e.message);
    status = 1;
}).finally(() => loop.quit());
loop.run();
System.exit(status);
