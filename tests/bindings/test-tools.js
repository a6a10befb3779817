// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests tools that are functions of JavaScript. Prints TAP.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Oai from 'gi://Oai?version=1';
import OaiMock from 'gi://OaiMock?version=1';
import System from 'system';

const tests = [];
const CITY = {type: 'object', properties: {city: {type: 'string'}}, required: ['city'], additionalProperties: false};
const State = Oai.ToolCallState;

function test(name, run) {
    tests.push([name, run]);
}

function assertEqual(actual, expected) {
    const [left, right] = [actual, expected].map(value => JSON.stringify(value));
    if (left !== right)
        throw new Error(`${left} is not ${right}`);
}

function assertThrows(run, text) {
    try {
        run();
    } catch (e) {
        if (!String(e.message).includes(text))
            throw new Error(`“${e.message}” does not contain “${text}”`);
        return;
    }
    throw new Error(`no error with “${text}”`);
}

function later(milliseconds) {
    return new Promise(resolve => GLib.timeout_add(GLib.PRIORITY_DEFAULT, milliseconds, () => {
        resolve();
        return GLib.SOURCE_REMOVE;
    }));
}

// Calls a function as a tool.
function run(args, tool, options = {}) {
    const toolset = new Oai.Toolset();
    toolset.addTool({name: 'tool', ...options}, tool);
    return toolset.call_async('call_1', 'tool', typeof args === 'string' ? args : JSON.stringify(args));
}

async function getResult(args, tool, options) {
    const call = await run(args, tool, options);
    assertEqual(call.state, State.SUCCEEDED);
    return JSON.parse(call.output).result;
}

async function getRefusal(args, tool, options) {
    const call = await run(args, tool, options);
    assertEqual(call.state, State.FAILED);
    return JSON.parse(call.output).error;
}

test('a function becomes a tool', async () => {
    const toolset = new Oai.Toolset();
    const tool = toolset.addTool({name: 'get_weather', description: 'Returns the weather', parameters: CITY, needsApproval: true,
        timeout_ms: 5000, strict: true}, ({city}) => `${city}: rain`);
    assertEqual([tool.name, tool.description, tool.needs_approval, tool.timeout_ms, tool.strict],
        ['get_weather', 'Returns the weather', true, 5000, true]);
    assertEqual(JSON.parse(tool.parameters.get_json()), CITY);
    toolset.connect('approval-requested', (_toolset, call) => call.approve());
    const call = await toolset.call_async('call_1', 'get_weather', '{"city": "Bonn"}');
    assertEqual(call.output, '{"result":"Bonn: rain"}');
    function named() {}
    assertEqual(toolset.addTool({}, named).name, 'named');
    assertEqual(new Oai.Toolset().addTool(named).name, 'named');
});

test('the argument of a free-form tool is text', async () => {
    assertEqual(await getResult('1 + {', text => `${text}!`, {freeForm: true}), '1 + {!');
    assertEqual(await getResult('null', async (text, call) => `${call.name}: ${text}`, {free_form: true}), 'tool: null');
});

// Sends a message, which is answered by a call of the tool.  Returns the output.
function sendBlocking(tool) {
    const mock = OaiMock.Server.new();
    mock.start_in_thread();
    const call = {id: 'call_1', type: 'function', function: {name: 'tool', arguments: '{}'}};
    for (const message of [{content: null, tool_calls: [call]}, {content: 'Done'}]) {
        const choice = {index: 0, finish_reason: 'stop', message: {role: 'assistant', ...message}};
        const reply = {id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: [choice]};
        mock.push_reply(OaiMock.Reply.new_json(200, JSON.stringify(reply)));
    }
    const client = Oai.Client.new(Oai.Auth.new('sk-test'), Oai.Settings.new_for_base_url(mock.get_base_url()));
    const toolset = new Oai.Toolset();
    toolset.addTool({name: 'tool'}, tool);
    const session = new Oai.ChatSession({client, model: 'm', toolset, streaming: false});
    assertEqual(session.send('Hi', null).text, 'Done');
    mock.stop();
    return session.get_item(1).call.output;
}

test('a session that blocks runs functions, also in an asynchronous function', async () => {
    await later(1);
    assertEqual(sendBlocking(() => 'now'), '{"result":"now"}');
});

test('a session that blocks waits for promises', async () => {
    let output = null;
    GLib.idle_add(GLib.PRIORITY_DEFAULT, () => {
        output = sendBlocking(async () => {
            await later(5);
            return 'later';
        });
        return GLib.SOURCE_REMOVE;
    });
    while (output === null)
        await later(1);
    assertEqual(output, '{"result":"later"}');
});

test('a method of JavaScript is no introspected method', () => {
    const Speaker = GObject.registerClass(class Speaker extends GObject.Object {
        speak(text) {
            return text;
        }
    });

    assertThrows(() => Oai.Tool.new_for_method(new Speaker(), 'speak'), 'toolset.addTool()');
});

test('wrong descriptions are errors', () => {
    const toolset = new Oai.Toolset();
    assertThrows(() => toolset.addTool({name: 'a', times: 3}, () => 1), 'no property times');
    for (const details of [[], [{name: 'a'}], [{name: 'a'}, 3], ['a', () => 1], [null, () => 1]])
        assertThrows(() => toolset.addTool(...details), 'needs a function');
    assertThrows(() => toolset.addTool({name: 'no name'}, () => 1), 'no name');
    assertThrows(() => toolset.addTool({name: 'a', parameters: '{'}, () => 1), 'JSON');
    assertEqual(toolset.get_n_items(), 0);
});

test('promises are awaited', async () => {
    assertEqual(await getResult({city: 'Bonn'}, async ({city}) => {
        await later(1);
        return [city];
    }, {parameters: CITY}), ['Bonn']);
});

test('a function can take its call', async () => {
    const call = await run({}, (_args, current) => current.report_progress(0.5, 'half'));
    assertEqual([call.progress, call.progress_text, call.output], [0.5, 'half', '{"result":"success"}']);
});

test('results become JSON', async () => {
    const record = new Oai.ChatMessage({role: 'user', content: 'Hi'});
    for (const [value, result] of [[undefined, 'success'], [null, 'success'], ['text ü', 'text ü'], [3, 3], [false, false],
        [[1, {a: null}], [1, {a: null}]], [record, {role: 'user', content: 'Hi'}], [{record}, {record: {role: 'user', content: 'Hi'}}]])
        assertEqual(await getResult({}, () => value), result);
    const cycle = [];
    cycle.push(cycle);
    for (const value of [() => 1, Symbol('a'), 10n, cycle, new Oai.Client(), 'a\0b', '\ud800'])
        assertEqual(await getRefusal({}, () => value), 'The tool failed.');
});

test('the text of an error is not sent', async () => {
    const call = await run({}, () => {
        throw new RangeError('a secret \0');
    });
    assertEqual(call.output, '{"error":"The tool failed."}');
    assertEqual(call.error.matches(Oai.Error, Oai.Error.FAILED), true);
    assertEqual(/RangeError: a secret.*\(test-tools.js:\d+\)/.test(call.error.message), true);
    assertEqual(await getRefusal({}, async () => {
        await later(1);
        throw new Oai.ToolError('Use another city.');
    }), 'Use another city.');
    const failed = await run({}, () => Gio.File.new_for_path('/no/such/file').load_contents(null));
    assertEqual(failed.output, '{"error":"The tool failed."}');
    assertEqual(failed.error.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.NOT_FOUND), true);
    for (const thrown of [undefined, null, 'text', {}]) {
        assertEqual(await getRefusal({}, () => {
            throw thrown;
        }), 'The tool failed.');
    }
});

test('hostile arguments do not reach the function', async () => {
    const reached = [];
    const nested = `{"city": ${'['.repeat(10000)}${']'.repeat(10000)}}`;
    for (const args of ['', '{', '[]', '3', '{}', '{"city": 3}', '{"city": null}', '{"city": "Bonn", "other": 1}', '{"city": NaN}',
        '{"city": "Bonn"} x', '{"city": {"a": 1}}', nested]) {
        const message = await getRefusal(args, value => {
            reached.push(value);
        }, {parameters: CITY});
        assertEqual([reached.length, message.length > 0, message !== 'The tool failed.'], [0, true, true]);
    }
    assertEqual(await getResult('', args => Object.keys(args)), []);
    assertEqual(await getResult('null', args => Object.keys(args)), []);
});

test('a call that ends before its promise does so once', async () => {
    let finish;
    const promise = new Promise(resolve => {
        finish = resolve;
    });
    assertEqual(await getRefusal({}, () => promise, {timeoutMs: 5}), 'The tool did not answer in time.');
    finish('late');
    await later(1);

    const cancellable = new Gio.Cancellable();
    const toolset = new Oai.Toolset();
    let seen;
    toolset.addTool({name: 'waits'}, async (_args, call) => {
        seen = call;
        await later(20);
    });
    const running = toolset.call_async('call_1', 'waits', '{}', cancellable);
    await later(1);
    cancellable.cancel();
    try {
        await running;
        throw new Error('not cancelled');
    } catch (e) {
        assertEqual(e.matches?.(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED), true);
    }
    assertEqual([seen.state, seen.cancellable.is_cancelled()], [State.CANCELLED, true]);
});

const Recipe = GObject.registerClass({
    Properties: {
        title: GObject.ParamSpec.string('title', null, null, GObject.ParamFlags.READWRITE, null),
        minutes: GObject.ParamSpec.int('minutes', null, null, GObject.ParamFlags.READWRITE, 0, 1000, 0),
    },
}, class Recipe extends GObject.Object {});

test('the arguments and the reply of a model are objects of a class', async () => {
    const request = new Oai.ChatRequest({model: 'm'});
    request.set_response_type(Recipe);
    const {json_schema} = request.member('response_format');
    assertEqual([json_schema.strict, Object.keys(json_schema.schema.properties).sort()], [true, ['minutes', 'title']]);

    const completion = Oai.Record.new_from_json(Oai.ChatCompletion, {choices: [
        {index: 0, message: {role: 'assistant', content: '{"title": "Soup", "minutes": 20}'}, finish_reason: 'stop'}]});
    const recipe = completion.parse(Recipe);
    assertEqual([recipe instanceof Recipe, recipe.title, recipe.minutes], [true, 'Soup', 20]);
    assertThrows(() => completion.parse(Oai.Tool), 'fit');

    const schema = Oai.JsonSchema.new_for_type(Recipe);
    assertEqual(await getResult({title: 'Soup', minutes: 20}, (_args, call) => {
        const argument = call.dup_arguments_object(Recipe);
        argument.minutes *= 2;
        return JSON.parse(Oai.json_from_object(argument));
    }, {parameters: schema}), {title: 'Soup', minutes: 40});
});

test('the item of a session is an object of a class', () => {
    const session = Oai.ChatSession.new(Oai.Client.new(null, null), 'm');

    session.add_record(Oai.ChatMessage.new_assistant('{"title": "Soup", "minutes": 20}'));
    session.add_record(new Oai.ChatMessage({role: 'assistant', refusal: 'No.'}));
    const [item, refusal] = [...session];
    assertEqual([item.parse(Recipe).title, item.parse(Recipe).minutes], ['Soup', 20]);
    assertThrows(() => refusal.parse(Recipe), 'No.');
});

test('a schema with an error is rejected', () => {
    const toolset = new Oai.Toolset();
    const parameters = {type: 'object', properties: {city: {type: 'text'}}};

    assertThrows(() => Oai.JsonSchema.new(parameters), '#/properties/city');
    assertThrows(() => toolset.addTool({name: 'get_weather', parameters}, () => 1), '#/properties/city');
});

test('the tools of a toolset and the items of a session can be iterated', () => {
    const toolset = new Oai.Toolset();
    const session = Oai.ChatSession.new(Oai.Client.new(null, null), 'm');

    toolset.addTool({name: 'one'}, () => 1);
    toolset.addTool({name: 'two'}, () => 2);
    assertEqual([...toolset].map(tool => tool.name), ['one', 'two']);
    session.add_record(Oai.ChatMessage.new_user('Hello'));
    assertEqual([...session].map(item => item.text), ['Hello']);
});

let failures = 0;
print(`1..${tests.length}`);
for (const [index, [name, body]] of tests.entries()) {
    try {
        await body();
        print(`ok ${index + 1} ${name}`);
    } catch (e) {
        failures++;
        print(`not ok ${index + 1} ${name}`);
        print(`${e}\n${e.stack}`.trim().replace(/^/gm, '# '));
    }
}
System.exit(failures ? 1 : 0);
