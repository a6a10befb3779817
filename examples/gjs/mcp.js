#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Lets a model use the tools of an MCP server.
//
// usage: mcp.js COMMAND ARGUMENT... (OPENAI_MODEL names the model, QUESTION is what it does)

import GLib from 'gi://GLib';
import Oai from 'gi://Oai?version=1';
import System from 'system';

async function main(command) {
    if (command.length === 0)
        throw new Error('usage: mcp.js COMMAND ARGUMENT...');

    const client = Oai.McpClient.new_for_command(command, null);
    await client.connect_async(null);
    try {
        const toolset = new Oai.McpToolset({client, approval: Oai.McpApproval.ALWAYS});
        // A program with a window would show a dialog here, and call approve() or deny() later.
        toolset.connect('approval-requested', (_toolset, call) => {
            print(`[${call.name} ${call.arguments}]`);
            call.approve();
        });
        await toolset.load_async(null);
        print(`Tools: ${[...toolset].map(tool => tool.name).join(', ')}`);

        const session = Oai.ResponsesSession.new(Oai.Client.new(null, null), GLib.getenv('OPENAI_MODEL') ?? 'gpt-4o-mini');
        session.toolset = toolset;
        const reply = await session.send_async(GLib.getenv('QUESTION') ?? 'Use the tool: what is 2 plus 3?');
        print(reply.text);
    } finally {
        await client.close_async(null);
    }
}

const loop = GLib.MainLoop.new(null, false);
let status = 0;

main(ARGV).catch(e => {
    printerr(e.message);
    status = 1;
}).finally(() => loop.quit());
loop.run();
System.exit(status);
