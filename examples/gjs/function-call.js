#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Offers a function of the program to the model, sends the results of its calls, and prints the answer.
//
// usage: function-call.js QUESTION (OPENAI_MODEL names the model)

import GLib from 'gi://GLib';
import Oai from 'gi://Oai?version=1';
import System from 'system';

const TOOL = {
    type: 'function',
    name: 'get_temperature',
    description: 'Returns the temperature in a city.',
    parameters: {
        type: 'object', properties: {city: {type: 'string'}}, required: ['city'], additionalProperties: false,
    },
    strict: true,
};

function getTemperature({city}) {
    return {city, celsius: 31};
}

async function main(question) {
    const client = Oai.Client.new(null, null);
    const request = new Oai.ResponseRequest({
        model: GLib.getenv('OPENAI_MODEL') ?? 'gpt-4o-mini',
        input: question,
        tools: [TOOL],
    });

    for (;;) {
        const response = await client.responses.create_async(request, null);
        response.check();
        const calls = response.dup_function_calls();
        if (calls.length === 0) {
            print(response.get_output_text());
            return;
        }

        request.add_output(response);
        for (const call of calls) {
            print(`[${call.name} ${call.arguments}]`);
            request.add_function_result(call, JSON.stringify(getTemperature(JSON.parse(call.arguments || '{}'))));
        }
    }
}

const loop = GLib.MainLoop.new(null, false);
let status = 0;

main(ARGV[0] ?? 'Use the tool: how warm is it in Kuala Lumpur?').catch(e => {
    printerr(e.message);
    status = 1;
}).finally(() => loop.quit());
loop.run();
System.exit(status);
