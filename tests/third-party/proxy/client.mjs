// SPDX-License-Identifier: LGPL-2.1-or-later
// Uses the packages openai and ws of npm with a proxy.
//
// usage: client.mjs URL TOKEN PATH (of a file to upload)

import assert from 'node:assert';
import fs from 'node:fs';
import OpenAI from 'openai';
import WebSocket from 'ws';

const [url, token, path] = process.argv.slice(2);
const client = new OpenAI({baseURL: url, apiKey: token, maxRetries: 0, timeout: 30000});
const model = 'gpt-4o-mini';
const messages = [{role: 'user', content: 'Hello!'}];
const answer = 'You said: Hello!';

const checks = {
    async chat() {
        const completion = await client.chat.completions.create({model, messages});
        assert.equal(completion.choices[0].message.content, answer);
        assert(completion.usage.total_tokens > 0);
    },

    async stream() {
        let text = '';
        for await (const chunk of await client.chat.completions.create({model, messages, stream: true})) {
            assert(!('usage' in chunk), 'usage was not requested');
            text += chunk.choices[0].delta.content ?? '';
        }
        assert.equal(text, answer);
    },

    async tools() {
        const tools = [{type: 'function', function: {name: 'get_weather', parameters: {type: 'object', properties: {}}}}];
        const completion = await client.chat.completions.create({model, messages: [{role: 'user', content: 'Please use the tool.'}], tools});
        assert.equal(completion.choices[0].message.tool_calls[0].function.name, 'get_weather');
    },

    async responses() {
        assert.equal((await client.responses.create({model, input: 'Hello!'})).output_text, answer);
    },

    async files() {
        const file = await client.files.create({file: fs.createReadStream(path), purpose: 'assistants'});
        const content = Buffer.from(await (await client.files.content(file.id)).arrayBuffer());
        assert(content.equals(fs.readFileSync(path)));
        assert((await client.files.delete(file.id)).deleted);
    },

    async embeddings() {
        assert.equal((await client.embeddings.create({model: 'text-embedding-3-small', input: ['a', 'b']})).data.length, 2);
    },

    async models() {
        const names = [];
        for await (const {id} of client.models.list())
            names.push(id);
        assert(names.includes(model));
    },

    async errors() {
        const stranger = client.withOptions({apiKey: 'sess-stranger'});
        await assert.rejects(stranger.models.list(), OpenAI.AuthenticationError);
        await assert.rejects(client.files.retrieve('file-none'), OpenAI.NotFoundError);
    },

    async cancel() {
        const stream = await client.chat.completions.create({model, messages: [{role: 'user', content: 'word '.repeat(500)}], stream: true});
        let n = 0;
        for await (const _chunk of stream) {
            if (++n === 3)
                break;
        }
        stream.controller.abort();
    },

    'web-socket': () => new Promise((resolve, reject) => {
        const socket = new WebSocket(`${url.replace('http', 'ws')}/responses`, {headers: {Authorization: `Bearer ${token}`}});
        let text = '';
        socket.on('error', reject);
        socket.on('open', () => socket.send(JSON.stringify({type: 'response.create', model, input: 'Hello!'})));
        socket.on('message', data => {
            const event = JSON.parse(data);
            if (event.type === 'response.output_text.delta')
                text += event.delta;
            if (event.type === 'response.completed')
                socket.close(1000);
            if (event.type === 'error')
                reject(new Error(String(data)));
        });
        socket.on('close', code => (text === answer && code === 1000 ? resolve() : reject(new Error(`${code} ${text}`))));
    }),
};

for (const [name, check] of Object.entries(checks)) {
    try {
        await check();
        console.log(`ok ${name}`);
    } catch (error) {
        console.log(`not ok ${name}\t${String(error).replaceAll('\n', ' ')}`);
    }
}
