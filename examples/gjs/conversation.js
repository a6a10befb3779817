#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Sends questions in one conversation that the server stores, and lists its items.
//
// usage: conversation.js [QUESTION...] (OPENAI_MODEL names the model)

import GLib from 'gi://GLib';
import Oai from 'gi://Oai?version=1';
import System from 'system';

async function ask(client, conversation, question) {
    const request = new Oai.ResponseRequest({
        model: GLib.getenv('OPENAI_MODEL') ?? 'gpt-4o-mini',
        input: question,
        conversation: conversation.id,
    });
    const response = await client.responses.create_async(request, null);
    response.check();
    print(response.get_output_text());
}

async function main(questions) {
    const client = Oai.Client.new(null, null);
    const conversation = await client.conversations.create_async(null, null);

    for (const question of questions)
        await ask(client, conversation, question);

    const query = new Oai.ConversationItemListQuery({order: Oai.LIST_ORDER_ASC});
    for await (const item of await conversation.list_items_async(query, null)) {
        if (item instanceof Oai.ResponseMessage)
            print(`- ${item.role}: ${item.get_text()}`);
    }
    await conversation.delete_conversation_async(null);
}

const loop = GLib.MainLoop.new(null, false);
let status = 0;

main(ARGV.length > 0 ? ARGV : ['My name is Robin.', 'What is my name?']).catch(e => {
    printerr(e.message);
    status = 1;
}).finally(() => loop.quit());
loop.run();
System.exit(status);
