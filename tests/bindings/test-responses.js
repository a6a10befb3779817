// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests responses and conversations in JavaScript. Prints TAP.

import GLib from 'gi://GLib';
import Oai from 'gi://Oai?version=1';
import OaiMock from 'gi://OaiMock?version=1';
import System from 'system';

const TOOL = {type: 'function', name: 'get_weather', parameters: {type: 'object'}, strict: false};
const USER = {role: 'user', content: 'Hi'};
const RESPONSE = {id: 'resp_1', object: 'response', status: 'in_progress', model: 'm', output: []};
const PLACE = {item_id: 'msg_1', output_index: 0, content_index: 0};

function assertEqual(actual, wanted) {
    const [a, b] = [actual, wanted].map(value => JSON.stringify(value));
    if (a !== b)
        throw new Error(`got ${a}, wanted ${b}`);
}

async function getError(promise) {
    try {
        await promise;
    } catch (e) {
        return e;
    }
    throw new Error('no error');
}

function getSent(mock) {
    return JSON.parse(mock.dup_request(-1).dup_body_text());
}

function ask(client, input, members = {}) {
    return client.responses.create_async(new Oai.ResponseRequest({model: 'm', input, ...members}), null);
}

function stream(client, input, members = {}) {
    return client.responses.create_stream(new Oai.ResponseRequest({model: 'm', input, ...members}));
}

// A text of two deltas, and then the last events.
function pushEvents(mock, ...last) {
    const reply = OaiMock.Reply.new_events();
    const events = [
        {type: 'response.created', response: RESPONSE},
        {type: 'response.output_item.added', output_index: 0,
            item: {type: 'message', id: 'msg_1', role: 'assistant', content: []}},
        {type: 'response.content_part.added', ...PLACE, part: {type: 'output_text', text: '', annotations: []}},
        {type: 'response.output_text.delta', ...PLACE, delta: 'Gla'},
        {type: 'response.output_text.delta', ...PLACE, delta: 'sgow'},
        ...last,
    ];
    events.forEach((event, i) => reply.add_event(event.type, JSON.stringify({...event, sequence_number: i})));
    mock.push_reply(reply);
}

const tests = {
    'a response that cannot be parsed is an error': async (client, mock) => {
        const request = new Oai.ResponseRequest({model: 'm', input: 'Hi'});
        assertEqual((await client.responses.parse_async(request, null)).get_output_text(), 'You said: Hi');
        mock.push_reply(OaiMock.Reply.new_json(200, JSON.stringify(
            {...RESPONSE, status: 'incomplete', incomplete_details: {reason: 'max_output_tokens'}})));
        assertEqual((await getError(client.responses.parse_async(request, null))).matches(Oai.Error, Oai.Error.LENGTH), true);
    },
    'input is a text or a list of items': async (client, mock) => {
        const item = new Oai.ResponseMessage(USER);
        for (const [members, wanted] of [[{input: 'Hi'}, 'Hi'], [{input: [USER]}, [USER]], [{input_items: [USER]}, [USER]],
            [{inputItems: [item, USER]}, [item, USER]]]) {
            // eslint-disable-next-line no-await-in-loop
            await client.responses.create_async(new Oai.ResponseRequest({model: 'm', ...members}), null);
            assertEqual(getSent(mock).input, wanted);
        }
        const request = new Oai.ResponseRequest({model: 'm'});
        request.input_items = [item];
        request.input_items = [...request.input_items, USER];
        assertEqual(request.input_items.map(message => message.get_text()), ['Hi', 'Hi']);

        const other = Oai.ResponseRequest.new_for_text('m', 'Hi');
        other.add_user_message('Ho');
        assertEqual(other.input_items.map(message => message.get_text()), ['Hi', 'Ho']);
    },

    'texts between parts are parts of the input': () => {
        const image = Oai.ResponseInputImage.new_for_url('https://example.org/a.png', null);
        const parts = [{type: 'input_text', text: 'Look'}, image];
        assertEqual(new Oai.ResponseMessage({role: 'user', content: ['Look', image]}), {type: 'message', role: 'user', content: parts});
        assertEqual(new Oai.ResponseFunctionCallOutput().assign({output: ['Look', image]}).output_parts, parts);
    },

    'items of the output are objects': async client => {
        const response = await ask(client, 'Use the tool', {tools: [TOOL]});
        const call = response.output_items.at(-1);
        assertEqual([call instanceof Oai.ResponseFunctionCall, call.name, call.status], [true, 'get_weather', 'completed']);
        assertEqual(response.dup_function_calls().map(found => found.call_id), [call.call_id]);
        const message = (await ask(client, 'Hello')).dup_message();
        assertEqual(message.content_parts.map(part => part.text), ['You said: Hello']);
    },

    'the results of functions continue a response': async client => {
        const request = new Oai.ResponseRequest({model: 'm', input: 'Use the tool', tools: [TOOL]});
        let response = await client.responses.create_async(request, null);
        for (let calls; (calls = response.dup_function_calls()).length > 0;) {
            request.add_output(response);
            calls.forEach(call => request.add_function_result(call, 'rain'));
            // eslint-disable-next-line no-await-in-loop
            response = await client.responses.create_async(request, null);
        }
        assertEqual(response.get_output_text(), 'The tool said: rain');
        assertEqual([response.output_text, response.outputText, response.refusal_text], [response.get_output_text(), response.get_output_text(), null]);
    },

    'unknown items are kept': async (client, mock) => {
        const item = {type: 'dream', id: 'd_1', depth: 3};
        mock.push_reply(OaiMock.Reply.new_json(200, JSON.stringify({...RESPONSE, status: 'completed', output: [item]})));
        const request = new Oai.ResponseRequest({model: 'm', input: 'Hi'});
        const response = await client.responses.create_async(request, null);
        const [dream] = response.output_items;
        assertEqual([dream.constructor === Oai.ResponseItem, dream.member('depth'), dream], [true, 3, item]);
        request.add_output(response);
        await client.responses.create_async(request, null);
        assertEqual(getSent(mock).input[1], item);
    },

    'a stream emits signals': async client => {
        const running = stream(client, 'Use the tool', {tools: [TOOL]});
        let json = '';
        const items = [];
        running.connect('function-call-arguments-delta', (_stream, delta) => (json += delta));
        running.connect('item-done', (_stream, item, outputIndex) => items.push([outputIndex, item]));
        const response = await running.run_async(null);
        const [call] = response.dup_function_calls();
        assertEqual(call.arguments, json);
        assertEqual(items.at(-1), [response.output_items.length - 1, call]);
    },

    'for await gets events': async (client, mock) => {
        let text = '';
        for await (const event of stream(client, 'Hello')) {
            if (event instanceof Oai.ResponseOutputTextDeltaEvent)
                text += event.delta;
        }
        assertEqual(text, 'You said: Hello');

        pushEvents(mock, {type: 'response.dream.delta', depth: 3});
        for await (const event of stream(client, 'Hello')) {
            if (event.constructor === Oai.ResponseEvent) {
                assertEqual(event.member('depth'), 3);
                return;
            }
        }
        throw new Error('no unknown event');
    },

    'a stream that fails keeps what has arrived': async (client, mock) => {
        const failed = {...RESPONSE, status: 'failed', error: {code: 'rate_limit_exceeded', message: 'Too fast'}};
        const incomplete = {...RESPONSE, status: 'incomplete', incomplete_details: {reason: 'max_output_tokens'}};
        for (const [last, code] of [[[{type: 'response.failed', response: failed}], Oai.Error.RATE_LIMITED],
            [[{type: 'response.incomplete', response: incomplete}], Oai.Error.LENGTH], [[], Oai.Error.INCOMPLETE]]) {
            pushEvents(mock, ...last);
            const running = stream(client, 'Hello');
            // eslint-disable-next-line no-await-in-loop
            const error = await getError(running.run_async(null));
            assertEqual([error.matches(Oai.Error, code), running.dup_result().get_output_text()], [true, 'Glasgow']);
        }
    },

    'a response in the background is awaited': async client => {
        const response = await ask(client, 'Hello', {background: true});
        assertEqual(response.status, Oai.RESPONSE_STATUS_QUEUED);
        const done = await response.wait_async(1, 10000, null);
        assertEqual([done.id, done.get_output_text()], [response.id, 'You said: Hello']);
    },

    'conversations are lists of items': async client => {
        const conversation = await client.conversations.create_async(null, null);
        for (const text of ['One', 'Two'])
            // eslint-disable-next-line no-await-in-loop
            await ask(client, text, {conversation: conversation.id});
        const query = new Oai.ConversationItemListQuery({limit: 1, order: 'asc'});
        const texts = [];
        for await (const item of await conversation.list_items_async(query, null))
            texts.push(item.get_text());
        assertEqual(texts, ['One', 'You said: One', 'Two', 'You said: Two']);
    },

    'a socket generates several responses': async (client, mock) => {
        const socket = client.responses.create_socket();
        const make = (input, members = {}, lane = null) =>
            socket.create_stream(new Oai.ResponseRequest({model: 'm', input, ...members}), lane);
        socket.continue_lanes = true;
        assertEqual((await make('One').run_async(null)).get_output_text(), 'You said: One');
        const both = [make('Two'), make('Three', {}, 'other')].map(running => running.run_async(null));
        assertEqual((await Promise.all(both)).map(response => response.get_output_text()), ['You said: Two', 'You said: Three']);

        const error = await getError(make('Four', {previous_response_id: 'resp_9'}).run_async(null));
        assertEqual(error.message.includes('resp_9'), true);
        let text = '';
        for await (const event of make('Five')) {
            if (event instanceof Oai.ResponseOutputTextDeltaEvent)
                text += event.delta;
        }
        assertEqual([text, mock.get_n_connections()], ['You said: Five', 1]);
        await socket.close_async(1000, null, null);
        assertEqual(socket.state, Oai.WebSocketState.CLOSED);
    },
};

const mock = new OaiMock.Server();
mock.set_validating(false);
mock.start_in_thread();

let number = 0;
let failures = 0;
print(`1..${Object.keys(tests).length}`);

async function runAll(loop) {
    for (const [name, test] of Object.entries(tests)) {
        mock.reset();
        const client = Oai.Client.new(Oai.Auth.new('sk-test'),
            Oai.Settings.new_for_base_url(mock.get_base_url()));

        number++;
        try {
            // eslint-disable-next-line no-await-in-loop
            await test(client, mock);
            print(`ok ${number} ${name}`);
        } catch (e) {
            failures++;
            print(`not ok ${number} ${name}`);
            print(`${e}\n${e.stack}`.trim().replace(/^/gm, '# '));
        }
    }
    loop.quit();
}

const loop = GLib.MainLoop.new(null, false);
runAll(loop);
loop.run();
mock.stop();
System.exit(failures ? 1 : 0);
