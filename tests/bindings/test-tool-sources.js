// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests what tools can be made from, in JavaScript. Prints TAP.
//
// usage: dbus-run-session -- gjs -m test-tool-sources.js COMMAND... (starts an MCP server)

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Kiosk from 'gi://Kiosk?version=1';
import Oai from 'gi://Oai?version=1';
import OaiMock from 'gi://OaiMock?version=1';
import System from 'system';

const tests = [];
const State = Oai.ToolCallState;
const RADIO = `<node><interface name="org.example.Radio"><method name="Tune">
  <arg type="s" name="station" direction="in"/><arg type="d" name="frequency" direction="out"/>
</method></interface></node>`;
const HOSTILE_TEXTS = ['[]', '1', '"text"', '{', '{"a":}', '{"unknown":1}', 'NaN', '{}{}', `${'{"a":'.repeat(10000)}1${'}'.repeat(10000)}`];
const HOSTILE_VALUES = ['null', 'true', '-1', '1.5', '1e400', 'NaN', '18446744073709551616', '"text"', '"\\u0000"', '"\\ud800"',
    '[]', '[null]', '{"a":{"b":[]}}', '{"a":1,"a":2}', '['.repeat(10000) + ']'.repeat(10000)];

const Booking = GObject.registerClass({
    Properties: {
        name: GObject.ParamSpec.string('name', null, 'Name of the guest', GObject.ParamFlags.READWRITE, ''),
        persons: GObject.ParamSpec.int('persons', null, null, GObject.ParamFlags.READWRITE, 1, 12, 2),
    },
}, class Booking extends GObject.Object {});

function test(name, run) {
    tests.push([name, run]);
}

function assertEqual(actual, expected) {
    const [left, right] = [actual, expected].map(value => JSON.stringify(value));
    if (left !== right)
        throw new Error(`${left} is not ${right}`);
}

function assertContains(text, part) {
    if (!text.includes(part))
        throw new Error(`“${text}” does not contain “${part}”`);
}

function call(toolset, name, args) {
    return toolset.call_async('call_1', name, args);
}

async function getResult(toolset, name, args) {
    const ended = await call(toolset, name, args);
    if (ended.state !== State.SUCCEEDED)
        throw new Error(ended.output);
    return JSON.parse(ended.output).result;
}

// What the model gets if a call fails.
async function getRefusal(toolset, name, args) {
    const ended = await call(toolset, name, args);
    assertEqual(ended.state, State.FAILED);
    return JSON.parse(ended.output).error;
}

// Checks that arguments of any kind are answered, and those that are no object are refused.
async function survives(toolset, name) {
    for (const text of HOSTILE_TEXTS)
        await getRefusal(toolset, name, text);
    for (const argument of Object.keys(JSON.parse(toolset.find(name).parameters.get_json()).properties)) {
        for (const value of HOSTILE_VALUES) {
            const ended = await call(toolset, name, `{"${argument}":${value}}`);
            assertEqual(ended.has_ended(), true);
        }
    }
}

function makeToolset(...tools) {
    const toolset = new Oai.Toolset();
    for (const tool of tools)
        toolset.add(tool);
    return toolset;
}

async function withMock(use) {
    const server = OaiMock.Server.new();
    server.start_in_thread();
    try {
        await use(Oai.Client.new(Oai.Auth.new('sk-test'), Oai.Settings.new_for_base_url(server.get_base_url())));
    } finally {
        server.stop();
    }
}

test('a function with a schema', async () => {
    const toolset = new Oai.Toolset();
    const schema = '{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}';
    toolset.add_function('weather', 'The weather', schema, weather => weather.respond(`mild in ${weather.get_string('city')}`));
    assertEqual(await getResult(toolset, 'weather', {city: 'Brno'}), 'mild in Brno');
    assertContains(await getRefusal(toolset, 'weather', {}), 'city');
    await survives(toolset, 'weather');
});

test('methods of an object', async () => {
    const desk = Kiosk.Desk.new();
    const toolset = makeToolset(Oai.Tool.new_for_method(desk, 'get_weather'), Oai.Tool.new_for_method(desk, 'order_async'));
    const [weather, order] = [...toolset].map(tool => tool.name);
    assertEqual(await getResult(toolset, weather, {city: 'Brno', unit: 'celsius'}), 'Brno C 3');
    assertEqual(await getResult(toolset, order, {dish: 'soup'}), {return_value: 'one soup', price: 7});
    assertContains(await getRefusal(toolset, weather, {city: 'Brno', unit: 'kelvin'}), 'unit');
    await survives(toolset, weather);
    await survives(toolset, order);
});

test('all methods of an object', async () => {
    const toolset = new Oai.Toolset();
    toolset.add_object(Kiosk.Desk.new());
    assertEqual(toolset.get_n_items(), 4);
    assertEqual(await getResult(toolset, 'KioskDesk_greet', {name: 'you'}), 'Hello you');
});

test('functions of a namespace', async () => {
    const toolset = makeToolset(Oai.Tool.new_for_function('Kiosk', 'secret'));
    toolset.add_namespace('Kiosk', '1');
    assertEqual(await getResult(toolset, 'shout', {text: 'straße'}), 'STRASSE');
    assertEqual(await getResult(toolset, 'Kiosk_secret', {number: 84}), 42);
    await survives(toolset, 'shout');
});

test('actions', async () => {
    const group = new Gio.SimpleActionGroup();
    const volume = Gio.SimpleAction.new_stateful('volume', GLib.VariantType.new('i'), GLib.Variant.new_int32(50));
    volume.set_state_hint(new GLib.Variant('(ii)', [0, 100]));
    group.add_action(volume);
    const toolset = Oai.ActionToolset.new(group);
    assertEqual(await getResult(toolset, 'volume', {value: 80}), 80);
    assertEqual(group.get_action_state('volume').unpack(), 80);
    await getRefusal(toolset, 'volume', {value: 101});
    await survives(toolset, 'volume');
    group.remove_action('volume');
    assertEqual(toolset.find('volume'), null);
});

test('the properties of a class', async () => {
    const tool = Oai.Tool.new_for_type('book', null, Booking.$gtype, (booked, booking) => booked.respond(`${booking.name}: ${booking.persons}`));
    const toolset = makeToolset(tool);
    assertEqual(await getResult(toolset, 'book', {name: 'Ada', persons: 3}), 'Ada: 3');
    assertContains(await getRefusal(toolset, 'book', {name: 'Ada', persons: 13}), 'persons');
    await survives(toolset, 'book');
});

test('methods of a D-Bus object', async () => {
    const bus = Gio.bus_get_sync(Gio.BusType.SESSION, null);
    Gio.DBusExportedObject.wrapJSObject(RADIO, {Tune: station => 87.5 + station.length}).export(bus, '/radio');
    const proxy = Gio.DBusProxy.new_sync(bus, Gio.DBusProxyFlags.DO_NOT_LOAD_PROPERTIES, Gio.DBusNodeInfo.new_for_xml(RADIO).interfaces[0],
        bus.get_unique_name(), '/radio', 'org.example.Radio', null);
    const toolset = makeToolset(Oai.Tool.new_for_dbus_method(proxy, 'Tune'));
    assertEqual(await getResult(toolset, 'Radio_Tune', {station: 'Jazz'}), 91.5);
    await survives(toolset, 'Radio_Tune');
});

test('an operation of the API', () => withMock(async client => {
    const replies = [];
    const toolset = makeToolset(
        Oai.Tool.new_for_operation(client.images, 'generate', {model: 'gpt-image-1', n: 1}, (_call, reply) => replies.push(JSON.parse(reply))),
        Oai.Tool.new_for_operation(client.models, 'retrieve', null, null));
    assertEqual((await getResult(toolset, 'images_generate', {prompt: 'a cat'})).output_format, 'png');
    assertEqual(replies[0].data.length, 1);
    assertContains(await getRefusal(toolset, 'images_generate', {prompt: 'a cat', model: 'other'}), 'model');
    assertEqual((await getResult(toolset, 'models_retrieve', {model: 'gpt-4o'})).id, 'gpt-4o');
    await getRefusal(toolset, 'models_retrieve', {model: '../files'});
}));

test('the tools of an MCP server', async () => {
    const client = Oai.McpClient.new_for_command(ARGV, null);
    await client.connect_async(null);
    try {
        const toolset = new Oai.McpToolset({client, approval: Oai.McpApproval.NEVER});
        await toolset.load_async(null);
        assertEqual(await getResult(toolset, 'add', {a: 2, b: 3}), {sum: 5});
        assertContains(await getRefusal(toolset, 'add', {a: 2}), 'b');
        await getRefusal(toolset, 'fail', {});
        assertEqual(await getResult(toolset, 'read_resource', {uri: 'test://text'}), 'The text.');
        assertContains(JSON.stringify(await getResult(toolset, 'prompt_greet', {who: 'Ada'})), 'Ada');
        await survives(toolset, 'add');
        toolset.features = Oai.McpFeatures.RESOURCES;
        await toolset.load_async(null);
        assertEqual([...toolset].map(tool => tool.name), ['list_resources', 'read_resource']);
    } finally {
        await client.close_async(null);
    }
});

test('tools of several sources in one session', () => withMock(async client => {
    const toolset = makeToolset(Oai.Tool.new_for_method(Kiosk.Desk.new(), 'get_weather'));
    toolset.add_namespace('Kiosk', '1');
    const session = Oai.ChatSession.new(client, 'gpt-4o-mini');
    session.toolset = toolset;
    const reply = await session.send_async('Use the tools: what is the weather in Brno?', null);
    assertEqual(reply.text.length > 0, true);
    assertEqual([...session].filter(item => item.call).map(item => item.call.name), [...toolset].map(tool => tool.name));
}));

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
