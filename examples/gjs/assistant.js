#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Uses an assistant that calls a function of the program, and prints its answer while it arrives.
//
// usage: assistant.js QUESTION (OPENAI_MODEL names the model)

import GLib from 'gi://GLib';
import Oai from 'gi://Oai?version=1';
import System from 'system';

function getTemperature({city}) {
    return {city, celsius: 31};
}

function makeRequest() {
    const request = Oai.AssistantRequest.new(GLib.getenv('OPENAI_MODEL') ?? 'gpt-4o-mini');
    const definition = Oai.FunctionDefinition.new('get_temperature');

    definition.description = 'Tells the temperature in a city.';
    definition.parameters = {type: 'object', properties: {city: {type: 'string'}}, required: ['city']};
    request.instructions = 'You are a helpful weather assistant.';
    request.add_tool(Oai.AssistantFunctionTool.new(definition));
    return request;
}

function answerCalls(run) {
    const outputs = Oai.RunToolOutputsRequest.new();

    for (const call of run.get_tool_calls()) {
        print(`[${call.get_name()} ${call.get_input()}]`);
        outputs.add_output(call.get_id(), JSON.stringify(getTemperature(JSON.parse(call.get_input() || '{}'))));
    }
    return run.submit_tool_outputs_stream(outputs);
}

async function main(question) {
    const client = Oai.Client.new(null, null);
    const assistant = await client.assistants.create_async(makeRequest(), null);
    let stream = assistant.create_thread_and_run_stream(Oai.ThreadRequest.new_for_text(question));

    while (stream !== null) {
        stream.connect('text-delta', (_stream, text) => print(text));
        const run = await stream.run_async(null);
        stream = run.get_tool_calls() ? answerCalls(run) : null;
    }
    await assistant.delete_assistant_async(null);
}

const loop = GLib.MainLoop.new(null, false);
let status = 0;

main(ARGV[0] ?? 'Use the tool: how warm is it in Kuala Lumpur?').catch(e => {
    printerr(e.message);
    status = 1;
}).finally(() => loop.quit());
loop.run();
System.exit(status);
