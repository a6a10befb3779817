// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests the library and its additions in JavaScript. Prints TAP.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Oai from 'gi://Oai?version=1';
import OaiMock from 'gi://OaiMock?version=1';
import System from 'system';

// The import alone must not load classes, which takes longer than everything else.
const LOADED_BY_IMPORT = ['OaiClient', 'OaiRecord', 'OaiChatRequest', 'OaiSession'].filter(name => GObject.type_from_name(name) !== null);

const FILES = [1, 2, 3, 4, 5].map(number => ({
    id: `file-${number}`, object: 'file', bytes: number, created_at: 1700000000 + number,
    filename: `${number}.txt`, purpose: 'user_data', new_member: {deep: [number]},
}));

const IDS = FILES.map(file => file.id).join();

function assertEqual(actual, wanted) {
    const [a, b] = [actual, wanted].map(value => JSON.stringify(value));
    if (a !== b)
        throw new Error(`got ${a}, wanted ${b}`);
}

function push(mock, path, value, status = 200) {
    mock.push_reply_for('GET', `/${path}`, OaiMock.Reply.new_json(status, JSON.stringify(value)));
}

// Five files on three pages.
function pushFiles(mock) {
    for (const [first, last] of [[0, 2], [2, 4], [4, 5]]) {
        const data = FILES.slice(first, last);
        push(mock, 'files', {
            object: 'list', data, first_id: data[0].id, last_id: data.at(-1).id, has_more: last < 5,
        });
    }
}

// The text of a chunk is its number. Each chunk is sent with the others.
function pushChunks(mock, count, end = '[DONE]') {
    const reply = OaiMock.Reply.new_events();
    const events = Array.from({length: count}, (_value, i) => JSON.stringify({
        id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm',
        choices: [{index: 0, delta: {content: `${i}`}, finish_reason: null}],
    }));
    reply.add_text([...events, ...end === null ? [] : [end]].map(event => `data: ${event}\n\n`).join(''));
    mock.push_reply(reply);
}

// Returns the request that the server received.
async function send(client, mock, request) {
    const endpoints = {OaiChatRequest: client.chat, OaiCompletionRequest: client.completions,
        OaiModerationRequest: client.moderations};
    await endpoints[request.constructor.$gtype.name].create_async(request, null);
    return JSON.parse(mock.dup_request(-1).dup_body_text());
}

function getError(call) {
    try {
        call();
    } catch (e) {
        return `${e.message}`;
    }
    throw new Error('no error');
}

const PARTS = [{type: 'text', text: 'Hi'}];
const CHOICE = {type: 'function', function: {name: 'f'}};
const TEXT = {role: 'user', content: 'Hi'};
const TOOL = {type: 'function', function: {name: 'f'}};

// The arguments of assign(), and the requests that are sent.
const NAMES = [
    ['CompletionRequest', {prompt: ['a'], stop_list: ['x']}, {prompt: ['a'], stop: ['x']}],
    ['CompletionRequest', {prompt: 'a', stopList: ['x']}, {prompt: 'a', stop: ['x']}],
    ['CompletionRequest', {prompts: ['a', 'b'], maxTokens: 3}, {prompt: ['a', 'b'], max_tokens: 3}],
    ['CompletionRequest', {prompt_tokens: [1, 2], 'stop-list': ['x']}, {prompt: [1, 2], stop: ['x']}],
    ['CompletionRequest', {prompt_token_lists: [[1], [2]]}, {prompt: [[1], [2]]}],
    ['CompletionRequest', {prompt_token_lists: '[[1]]', logit_bias: {1: -1}}, {prompt: [[1]], logit_bias: {1: -1}}],
    ['CompletionRequest', {prompt: 'a', stop: null, any: {camelCase: [1]}, camelCase: 2},
        {prompt: 'a', stop: null, any: {camelCase: [1]}, camelCase: 2}],
    ['ModerationRequest', {inputs: ['a']}, {input: ['a']}],
    ['ModerationRequest', {input_parts: PARTS}, {input: PARTS}],
    ['ChatRequest', {messages: [TEXT], tool_choice: 'auto'}, {messages: [TEXT], tool_choice: 'auto'}],
    ['ChatRequest', {messages: [TEXT], tool_choice_object: CHOICE}, {messages: [TEXT], tool_choice: CHOICE}],
    ['ChatRequest', {messages: [TEXT], tool_choice: CHOICE}, {messages: [TEXT], tool_choice: CHOICE}],
    ['ChatRequest', {messages: [new Oai.ChatMessage(TEXT)]}, {messages: [TEXT]}],
    ['ChatRequest', {messages: [new Oai.ChatMessage(TEXT), TEXT]}, {messages: [TEXT, TEXT]}],
    ['ChatRequest', {messages: [new Oai.ChatMessage({role: 'user'}).assign({content_parts: PARTS})]},
        {messages: [{role: 'user', content: PARTS}]}],
    ['ChatRequest', {messages: [TEXT], tools: [new Oai.ChatTool().assign({type: 'function', function_definition: {name: 'f'}})]},
        {messages: [TEXT], tools: [TOOL]}],
    ['ChatRequest', {messages: [TEXT], tools: [new Oai.ChatTool().assign(TOOL)]}, {messages: [TEXT], tools: [TOOL]}],
    ['ChatRequest', {messages: [TEXT], response_format: new Oai.ResponseFormat({type: 'text'})},
        {messages: [TEXT], response_format: {type: 'text'}}],
];

function sortMembers(value) {
    return Object.fromEntries(Object.entries(value).sort());
}

function makeStream(client) {
    const request = Oai.ChatRequest.new('gpt-4o-mini');
    request.add_user_message('Hello!');
    return client.chat.create_stream(request);
}

async function makeRun(client, text) {
    const request = Oai.AssistantRequest.new('gpt-4o');
    request.add_tool(Oai.AssistantFunctionTool.new(Oai.FunctionDefinition.new('weather')));
    const assistant = await client.assistants.create_async(request, null);
    return assistant.create_thread_and_run_async(Oai.ThreadRequest.new_for_text(text), null);
}

const tests = {
    'names-of-other-libraries-work'(client, mock) {
        const request = Oai.ChatRequest.new_from_json({model: 'm'});
        assertEqual(request.constructor.$gtype.name, 'OaiChatRequest');
        assertEqual(Oai.ChatRequest.new_from_json('{"model": "x"}').model, 'x');
        assertEqual(Oai.Record.new_from_json(Oai.ChatRequest.$gtype, '{}').constructor.$gtype.name, 'OaiChatRequest');
        assertEqual(Oai.ChatChunk.new_from_json({choices: [{index: 0, delta: {content: 'Hi'}}]}).get_text(), 'Hi');
        assertEqual(Oai.VERSION_STRING.split('.')[0], `${Oai.MAJOR_VERSION}`);
        pushFiles(mock);
        assertEqual(client.files.list(null, null).data.map(file => file.id).join(), 'file-1,file-2');
        client.chat.create_stream(request).cancel();
    },

    'a-class-is-loaded-when-it-is-used': client => {
        assertEqual(LOADED_BY_IMPORT, []);
        assertEqual(client.chat.constructor === Oai.ChatEndpoint, true);
        assertEqual(Oai.NoSuchClass, undefined);
    },
    'endpoints-are-properties-of-the-client': client => {
        assertEqual(client.files instanceof Oai.FilesEndpoint, true);
        assertEqual(client.models.get_name(), 'models');
    },

    'a-run-continues-with-the-results-of-functions': async client => {
        const run = await (await makeRun(client, 'Use the tool')).wait_async(1, -1, null);
        assertEqual(run.status, Oai.RUN_STATUS_REQUIRES_ACTION);

        const outputs = Oai.RunToolOutputsRequest.new();
        for (const call of run.get_tool_calls())
            outputs.add_output(call.get_id(), 'rain');
        const stream = run.submit_tool_outputs_stream(outputs);
        let told = '';
        stream.connect('text-delta', (_stream, text) => (told += text));
        const done = await stream.run_async(null);
        assertEqual([done.status, told], ['completed', 'The tool said: rain']);
        assertEqual(stream.dup_messages().map(message => message.dup_text()), [told]);

        const messages = await done.list_messages_async(null, null);
        assertEqual(messages.get_item(0).dup_text(), told);
    },

    'a-stream-of-a-record-without-a-client-fails': async () => {
        const run = Oai.Record.new_from_json(Oai.Run.$gtype, '{"id":"run_1","thread_id":"thread_1"}');
        const stream = run.submit_tool_outputs_stream(Oai.RunToolOutputsRequest.new());
        try {
            await stream.run_async(null);
        } catch (e) {
            assertEqual(e.matches(Oai.error_quark(), Oai.Error.INVALID_ARGUMENT), true);
            return;
        }
        throw new Error('there is no server to ask');
    },

    'a-time-out-differs-from-a-cancellation': async (client, mock) => {
        const run = await makeRun(client, 'Hello');
        push(mock, `threads/${run.get_thread_id()}/runs/${run.get_id()}`, {id: run.get_id(), status: 'queued'});
        try {
            await run.wait_async(60000, 20, null);
        } catch (e) {
            assertEqual(e.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.TIMED_OUT), true);
            return;
        }
        throw new Error('the wait ended');
    },

    'methods-return-promises': async (client, mock) => {
        push(mock, 'files/file-1', FILES[0]);
        const file = await client.files.retrieve_async('file-1', null);
        assertEqual(file.filename, '1.txt');
        assertEqual(file.get_bytes(), 1);
    },

    'an-error-rejects-the-promise-and-has-a-call': async (client, mock) => {
        push(mock, 'files/file-9', {error: {message: 'No such file', code: 'gone'}}, 404);
        try {
            await client.files.retrieve_async('file-9', null);
        } catch (e) {
            assertEqual(e.matches(Oai.Error, Oai.Error.NOT_FOUND), true);
            assertEqual(client.find_call_for_error(e).get_error_code(), 'gone');
            return;
        }
        throw new Error('no error');
    },

    'unknown-members-are-read': async (client, mock) => {
        push(mock, 'files/file-1', FILES[0]);
        const file = await client.files.retrieve_async('file-1', null);
        assertEqual(file.member('new_member').deep, [1]);
        assertEqual(file.member('other') === undefined, true);
        assertEqual(file, FILES[0]);
    },

    'several-members-are-set-at-once': () => {
        const query = new Oai.FileListQuery().assign({limit: 3, anything: {a: [1, null]}});
        assertEqual(query.limit, 3);
        assertEqual(query, {limit: 3, anything: {a: [1, null]}});
    },

    'each-name-of-a-field-reaches-its-member': async (client, mock) => {
        for (const [type, given, wanted] of NAMES) {
            // eslint-disable-next-line no-await-in-loop
            const sent = await send(client, mock, new Oai[type]({model: 'm'}).assign(given));
            assertEqual(sortMembers(sent), sortMembers({model: 'm', ...wanted}));
        }
        const request = new Oai.CompletionRequest({model: 'm', prompts: ['a'], stopList: ['x'], n: 2});
        request.max_tokens = 5;
        assertEqual(sortMembers(await send(client, mock, request)),
            {max_tokens: 5, model: 'm', n: 2, prompt: ['a'], stop: ['x']});
    },

    'lists of records are read, assigned and given to constructors': async (client, mock) => {
        const message = new Oai.ChatMessage(TEXT);
        const made = new Oai.ChatRequest({model: 'm', messages: [message]});
        assertEqual(made, {model: 'm', messages: [TEXT]});
        assertEqual(made.messages[0].content, 'Hi');

        const request = new Oai.ChatRequest({model: 'm'});
        for (const messages of [[message], [TEXT], [message, TEXT], []]) {
            request.messages = messages;
            assertEqual(request, {model: 'm', messages: messages.map(() => TEXT)});
        }
        request.messages = [message];
        const completion = await client.chat.create_async(request, null);
        assertEqual(JSON.parse(mock.dup_request(-1).dup_body_text()).messages, [TEXT]);
        assertEqual(completion.choices.map(choice => choice.message.role), ['assistant']);
        assertEqual(completion.choices[0].message.toolCalls, completion.choices[0].message.get_tool_calls());

        const embeddings = new Oai.EmbeddingRequest({model: 'm', inputs: ['a', 'b']});
        assertEqual((await client.embeddings.create_async(embeddings, null)).data.length, 2);
        const images = await client.images.generate_async(Oai.ImageRequest.new('An owl'), null);
        assertEqual(images.data.length, 1);
    },

    'lists that cannot be assigned are rejected': async client => {
        const request = new Oai.ChatRequest({model: 'm'});
        for (const messages of ['hello', ['hello'], [1], [null], {}, 7])
            getError(() => (request.messages = messages));
        getError(() => (request.choices = []));
        getError(() => new Oai.ChatRequest({model: 'm', choices: []}));
        assertEqual(request, {model: 'm'});
        request.add_user_message('Hi');
        const completion = await client.chat.create_async(request, null);
        getError(() => (completion.choices = []));
        assertEqual(completion.choices.length, 1);
    },

    'lists of numbers are attributes': async () => {
        const grader = new Oai.ScoreModelGrader({range: [0, 1.5]});
        assertEqual(grader.range, [0, 1.5]);
        grader.range = [...grader.range, 2];
        assertEqual(grader.get_range(), [0, 1.5, 2]);
        getError(() => grader.range.push(3));
        assertEqual(new Oai.ScoreModelGrader().range, []);
        const logprob = Oai.Record.new_from_json(Oai.ChatTokenLogprob.$gtype, '{"bytes": [240, 159]}');
        assertEqual(logprob.bytes, [240, 159]);
        getError(() => (logprob.bytes = []));
        assertEqual(Oai.Record.new_from_json(Oai.File.$gtype, '{"bytes": 5}').bytes, 5);
    },

    'a list that would change only a copy is frozen': async client => {
        const request = new Oai.ChatRequest({model: 'm', messages: [TEXT]});
        getError(() => request.messages.push(new Oai.ChatMessage(TEXT)));
        assertEqual(request, {model: 'm', messages: [TEXT]});
        request.messages = [...request.messages, TEXT];
        assertEqual(request, {model: 'm', messages: [TEXT, TEXT]});
        const completion = await client.chat.create_async(request, null);
        assertEqual(completion.choices.reverse().length, 1);
    },

    'texts between parts are parts': () => {
        const content = ['Look', {type: 'image_url', image_url: {url: 'u'}}];
        const parts = [{type: 'text', text: 'Look'}, content[1]];
        const part = Oai.Record.new_from_json(Oai.ChatImagePart.$gtype, JSON.stringify(content[1]));
        assertEqual(new Oai.ChatMessage().assign({content}), {content: parts});
        assertEqual(new Oai.ChatMessage().assign({content: ['Look', part]}), {content: parts});
        assertEqual(new Oai.ModerationRequest().assign({input: content}), {input: parts});
        assertEqual(new Oai.ModerationRequest().assign({input: ['a', 'b']}), {input: ['a', 'b']});
        assertEqual(new Oai.CompletionRequest().assign({prompt: ['a', 'b']}), {prompt: ['a', 'b']});
    },

    'misspelt names are rejected': async client => {
        const request = new Oai.ChatRequest({model: 'm'});
        const message = 'OaiChatRequest has no field mesages; set_member() sets any member';
        assertEqual(getError(() => (request.mesages = [TEXT])), message);
        getError(() => new Oai.ChatRequest({model: 'm', mesages: [TEXT]}));
        request._note = 'mine';
        assertEqual([request._note, request], ['mine', {model: 'm'}]);
        request.messages = [TEXT];
        const completion = await client.chat.create_async(request, null);
        getError(() => (completion.choices[0].message.contnt = 'x'));
    },

    'constructors take lists and objects': () => {
        const content = [{type: 'text', text: 'Look'}];
        assertEqual(new Oai.ChatMessage({role: 'user', content}), {role: 'user', content});
        assertEqual(new Oai.ChatMessage({role: 'user', content: ['Look']}), {role: 'user', content});
    },

    'fields of a type are listed': () => {
        const fields = Oai.Record.list_fields(Oai.ChatMessage.$gtype);
        const parts = fields.find(info => info.get_name() === 'content-parts');
        assertEqual([parts.get_member(), parts.get_type_name(), parts.is_property()], ['content', 'record-list', false]);
        assertEqual(Oai.Record.find_type(parts.get_item_type(), 'text').name, 'OaiChatTextPart');
    },

    'files-are-assigned': async (client, mock) => {
        const file = Oai.InputFile.new_for_bytes(new GLib.Bytes(new TextEncoder().encode('{}')), 'owl.jsonl');
        await client.files.upload_async(new Oai.FileUploadRequest().assign({file, purpose: 'fine-tune'}), null);
        const body = mock.dup_request(-1).dup_body_text();
        assertEqual([body.includes('owl.jsonl'), body.includes('fine-tune')], [true, true]);
        const edit = new Oai.ImageEditRequest().assign({images: [file], prompt: 'x'});
        assertEqual(edit.get_images().length, 1);
        getError(() => edit.assign({metadata: file}));
    },

    'text-with-nul-is-rejected': () => {
        const cut = 'ab\0violence';
        const request = new Oai.CompletionRequest({model: 'm'});
        for (const members of [{prompt: cut}, {prompts: ['a', cut]}, {prompt: ['a', cut]}, {any: {deep: [cut]}},
            {logit_bias: {[cut]: 1}}, {logit_bias: '{}\0'}, {[cut]: 1}])
            assertEqual(getError(() => request.assign(members)).includes('U+0000'), true);
        assertEqual(request, {model: 'm'});
        for (const properties of [{prompt: cut}, {prompts: ['a', cut]}])
            assertEqual(getError(() => new Oai.CompletionRequest(properties)).includes('U+0000'), true);
    },

    'fields-of-replies-cannot-be-assigned': async (client, mock) => {
        push(mock, 'files/file-1', FILES[0]);
        const file = await client.files.retrieve_async('file-1', null);
        assertEqual(getError(() => file.assign({filename: 'x'})).includes('cannot be changed'), true);
        const request = new Oai.CompletionRequest({model: 'm'});
        assertEqual(getError(() => request.assign({logit_bias: '{'})).includes('not JSON'), true);
    },

    'for-await-iterates-over-all-pages': async (client, mock) => {
        pushFiles(mock);
        const page = await client.files.list_async(null, null);
        assertEqual([...page].map(file => file.get_id()), ['file-1', 'file-2']);

        const ids = [];
        for await (const file of page)
            ids.push(file.get_id());
        assertEqual(ids.join(), IDS);
        assertEqual([...page].length, 5);
    },

    'a-stream-emits-signals': async client => {
        const stream = makeStream(client);
        let text = '';
        stream.connect('content-delta', (_stream, delta) => {
            text += delta;
        });
        const completion = await stream.run_async(null);
        assertEqual(completion instanceof Oai.ChatCompletion, true);
        assertEqual(completion.get_text(), text);
    },

    'for-await-gets-the-chunks-of-a-stream': async client => {
        const stream = makeStream(client);
        let text = '';
        for await (const chunk of stream)
            text += chunk.get_choices().map(choice => choice.get_delta().get_content() ?? '').join('');
        assertEqual(stream.dup_result().get_text(), text);
        assertEqual(text.length > 0, true);
    },

    'for-await-waits-only-for-chunks-that-have-not-been-received': async (client, mock) => {
        const nextAsync = Oai.Stream.prototype.next_async;
        let waits = 0;
        Oai.Stream.prototype.next_async = function (...args) {
            waits++;
            return nextAsync.apply(this, args);
        };
        try {
            pushChunks(mock, 10);
            const stream = makeStream(client);
            let text = '';
            for await (const chunk of stream) {
                text += chunk.choices[0].delta.content;
                assertEqual(stream.get_content(0), text);
            }
            assertEqual(text, '0123456789');
            assertEqual(waits < 10, true);
        } finally {
            Oai.Stream.prototype.next_async = nextAsync;
        }
    },

    'a-second-iterator-continues-after-the-first-one': async (client, mock) => {
        pushChunks(mock, 5);
        const stream = makeStream(client);
        const first = stream[Symbol.asyncIterator]();
        const texts = [];
        for (let i = 0; i < 2; i++)
            texts.push((await first.next()).value.choices[0].delta.content);
        texts.push((await stream.next_async(null)).choices[0].delta.content);
        for await (const chunk of stream)
            texts.push(chunk.choices[0].delta.content);
        assertEqual(texts.join(''), '01234');
        assertEqual((await first.next()).done, true);
    },

    'an-error-follows-the-chunks-before-it': async (client, mock) => {
        pushChunks(mock, 3, null);
        let text = '';
        let error = null;
        try {
            for await (const chunk of makeStream(client))
                text += chunk.choices[0].delta.content;
        } catch (e) {
            error = e;
        }
        assertEqual(text, '012');
        assertEqual(error.matches(Oai.Error, Oai.Error.INCOMPLETE), true);
    },

    'many-chunks-do-not-fill-the-memory': async (client, mock) => {
        const system = imports.system;
        const collect = system.gc;
        let collections = 0;
        system.gc = () => {
            collections++;
            collect();
        };
        try {
            let chunks = 0;
            pushChunks(mock, 3000);
            for await (const _chunk of makeStream(client))
                chunks++;
            assertEqual(chunks, 3000);
            assertEqual(collections >= 1 && collections <= 3, true);
        } finally {
            system.gc = collect;
        }
    },

    'leaving-a-loop-closes-the-stream': async client => {
        const stream = makeStream(client);
        // eslint-disable-next-line no-unreachable-loop
        for await (const _chunk of stream)
            break;
        assertEqual(stream.is_running(), false);
    },

    async 'embeddings are bytes and numbers'(client) {
        const request = Oai.EmbeddingRequest.new_for_texts('text-embedding-3-small', ['one', 'two']);
        const vectors = (await client.embeddings.create_async(request, null)).dup_vectors();
        const numbers = Oai.vector_get_values(vectors[0]);
        assertEqual(vectors.length, 2);
        assertEqual(numbers.length, 8);
        assertEqual(Oai.vector_new(numbers).equal(vectors[0]), true);
        const vector = await client.embeddings.embed_async('text-embedding-3-small', 'one', null);
        assertEqual(Oai.vector_cosine_similarity(vector, vectors[0]) > 0.999, true);
        const both = await client.embeddings.embed_texts_async('text-embedding-3-small', ['one', 'two'], null);
        assertEqual(both[1].equal(vectors[1]), true);
    },

    async 'a moderation is true or false'(client) {
        assertEqual(await client.moderations.moderate_text_async('so much violence', null), true);
        assertEqual(await client.moderations.moderate_text_async('I love you', null), false);
    },

    async 'a fine-tuning job reports its events'(client) {
        const input = Oai.InputFile.new_for_bytes(new GLib.Bytes(new TextEncoder().encode('{}')), 'a.jsonl');
        const file = await client.files.upload_async(Oai.FileUploadRequest.new(input, 'fine-tune'), null);
        const request = Oai.FineTuningJobRequest.new('gpt-4o-mini', file.id);
        const job = await client.fine_tuning.create_async(request, null);
        const watch = new Oai.FineTuningWatch({endpoint: client.fine_tuning, jobId: job.id, intervalMs: 1});
        const statuses = [];
        let events = 0;
        watch.connect('event', () => events++);
        watch.connect('status-changed', (_watch, changed) => statuses.push(changed.status));
        const done = await watch.run_async(null);
        assertEqual(done.is_finished(), true);
        assertEqual(statuses.join(), 'queued,running,succeeded');
        assertEqual(events, 5);
    },

    'text of JSON can be an object or an array': () => {
        const schema = {type: 'object', properties: {city: {type: 'string'}}};
        const tool = Oai.ChatTool.new_function('f', null, schema, true);
        assertEqual(tool.function_definition, {name: 'f', parameters: schema, strict: true});
        assertEqual(Oai.ChatTool.new_function('f', null, JSON.stringify(schema), true), tool);
        assertEqual(Oai.ChatTool.new_function('f', null, null, true).function_definition, {name: 'f', strict: true});
        const definition = Oai.FunctionDefinition.new_with_schema('f', null, schema, false);
        definition.set_parameters({type: 'object'});
        assertEqual(definition, {name: 'f', parameters: {type: 'object'}});
        definition.parameters = schema;
        assertEqual(definition, {name: 'f', parameters: schema});
        definition.parameters = null;
        assertEqual(definition, {name: 'f'});
        const request = new Oai.ChatRequest({model: 'm'});
        assertEqual(request.set_json_schema('city', schema, true), true);
        assertEqual(request.response_format.json_schema.member('schema'), schema);
        request.logitBias = {5: 1};
        request.set_metadata({a: 'b'});
        request.set_member('stop', ['x', 'y']);
        assertEqual([request.logit_bias, request.metadata, request.stop_list], ['{"5":1}', '{"a":"b"}', ['x', 'y']]);
        assertEqual(Oai.ChatUpdate.new({a: 'b'}), {metadata: {a: 'b'}});
        assertEqual(new Oai.ResponseFunctionTool({name: 'f', outputSchema: schema}).member('output_schema'), schema);
        assertEqual(Oai.ResponseFunctionTool.new_with_schema('f', null, schema, true).member('parameters'), schema);
        assertEqual(Oai.Record.new_from_json(Oai.ChatRequest.$gtype, request), request);
        getError(() => definition.set_parameters(client));
        getError(() => definition.set_parameters({a: '\0'}));
    },

    'raw requests take objects': async client => {
        mock.push_reply_for('POST', '/things', OaiMock.Reply.new_json(200, '{}'));
        const options = new Oai.CallOptions();
        options.set_body_member('more', {deep: [1]});
        await client.invoke_async('POST', 'things', {a: [1, null]}, options);
        assertEqual(JSON.parse(mock.dup_request(-1).dup_body_text()), {a: [1, null], more: {deep: [1]}});
        const text = await client.chat.invoke_by_name_async('create', {model: 'm', messages: [TEXT]});
        assertEqual(JSON.parse(text).object, 'chat.completion');
    },

    'a promise needs no argument that can be null at the end': async client => {
        const request = new Oai.ChatRequest({model: 'm', messages: [TEXT]});
        const completion = await client.chat.create_async(request);
        assertEqual(await client.chat.ask_async('m', 'Hi'), completion.get_text());
        assertEqual((await client.files.list_async()).get_n_items(), 0);
        assertEqual((await client.files.list_async(null)).get_n_items(), 0);
        const names = await new Promise(resolve => client.files.list_async(null, null, (_source, result) =>
            resolve(client.files.list_finish(result).get_n_items())));
        assertEqual(names, 0);
        let message = '';
        await client.chat.ask_async('m').catch(e => (message = e.message));
        assertEqual(message.includes('arguments required'), true);
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
