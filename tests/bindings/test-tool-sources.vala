/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tests what tools can be made from, in Vala.  The compiler must not warn about them.
 *
 * usage: dbus-run-session -- test-vala-tool-sources COMMAND... (starts an MCP server) */

const string CITY = """{"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": false}""";
const string[] HOSTILE_TEXTS = { "[]", "1", "\"text\"", "{", "{\"a\":}", "{\"unknown\":1}", "NaN", "{}{}" };
const string[] HOSTILE_VALUES = {
    "null", "true", "-1", "1.5", "1e400", "NaN", "18446744073709551616", "\"text\"", "\"\\u0000\"", "\"\\ud800\"", "[]", "[null]",
    "{\"a\":{\"b\":[]}}", "{\"a\":1,\"a\":2}"
};

string[] server_command;

class Booking : Object {
    public string name { get; set; }
    public int persons { get; set; default = 2; }
}

[DBus (name = "org.example.Radio")]
class Radio : Object {
    public double tune (string station) throws Error {
        return 87.5 + station.length;
    }
}

Oai.Toolset make_toolset (Oai.Tool[] tools) throws Error {
    var toolset = new Oai.Toolset ();

    foreach (var tool in tools)
        toolset.add (tool);
    return toolset;
}

async string get_result (Oai.Toolset toolset, string name, string arguments) throws Error {
    var call = yield toolset.call_async ("call_1", name, arguments, null);

    if (call.state != SUCCEEDED)
        throw new IOError.FAILED (call.output);
    return call.output;
}

/* What the model gets if a call fails. */
async string get_refusal (Oai.Toolset toolset, string name, string arguments) throws Error {
    var call = yield toolset.call_async ("call_1", name, arguments, null);

    if (call.state != FAILED)
        throw new IOError.FAILED (call.output);
    return call.output;
}

void assert_contains (string text, string part) throws Error {
    if (!text.contains (part))
        throw new IOError.FAILED ("“%s” does not contain “%s”".printf (text, part));
}

/* Checks that arguments of any kind are answered, and those that are no object are refused. */
async void survives (Oai.Toolset toolset, string name, string[] arguments) throws Error {
    var deep = string.nfill (10000, '[') + string.nfill (10000, ']');

    foreach (var text in HOSTILE_TEXTS)
        yield get_refusal (toolset, name, text);
    yield get_refusal (toolset, name, deep);
    foreach (var argument in arguments) {
        foreach (var value in HOSTILE_VALUES)
            assert ((yield toolset.call_async ("call_1", name, @"{\"$argument\":$value}", null)).has_ended ());
        assert ((yield toolset.call_async ("call_1", name, @"{\"$argument\":$deep}", null)).has_ended ());
    }
}

async void test_a_function_with_a_schema () throws Error {
    var toolset = new Oai.Toolset ();

    toolset.add_function ("weather", "The weather", CITY, (call) => call.respond ("mild in " + call.get_string ("city")));
    assert ((yield get_result (toolset, "weather", """{"city": "Brno"}""")) == """{"result":"mild in Brno"}""");
    assert_contains (yield get_refusal (toolset, "weather", "{}"), "city");
    yield survives (toolset, "weather", { "city" });
}

async void test_methods_of_an_object () throws Error {
    Oai.Tool.require_namespace ("Kiosk", "1");
    var desk = new Kiosk.Desk ();
    var toolset = make_toolset ({ new Oai.Tool.for_method (desk, "get_weather"), new Oai.Tool.for_method (desk, "order_async") });
    var weather = ((Oai.Tool) toolset.get_item (0)).name;
    var order = ((Oai.Tool) toolset.get_item (1)).name;

    assert ((yield get_result (toolset, weather, """{"city": "Brno", "unit": "celsius"}""")) == """{"result":"Brno C 3"}""");
    assert ((yield get_result (toolset, order, """{"dish": "soup"}""")) == """{"result":{"return_value":"one soup","price":7}}""");
    assert_contains (yield get_refusal (toolset, weather, """{"city": "Brno", "unit": "kelvin"}"""), "unit");
    yield survives (toolset, weather, { "city", "unit", "days" });
    yield survives (toolset, order, { "dish", "delay_ms" });
}

async void test_all_methods_of_an_object () throws Error {
    var toolset = new Oai.Toolset ();

    toolset.add_object (new Kiosk.Desk ());
    assert (toolset.get_n_items () == 4);
    assert ((yield get_result (toolset, "KioskDesk_greet", """{"name": "you"}""")) == """{"result":"Hello you"}""");
}

async void test_functions_of_a_namespace () throws Error {
    var toolset = make_toolset ({ new Oai.Tool.for_function ("Kiosk", "secret") });

    toolset.add_namespace ("Kiosk", "1");
    assert ((yield get_result (toolset, "shout", """{"text": "straße"}""")) == """{"result":"STRASSE"}""");
    assert ((yield get_result (toolset, "Kiosk_secret", """{"number": 84}""")) == """{"result":42}""");
    yield survives (toolset, "shout", { "text" });
}

async void test_actions () throws Error {
    var group = new SimpleActionGroup ();
    var volume = new SimpleAction.stateful ("volume", VariantType.INT32, 50);

    volume.set_state_hint (new Variant ("(ii)", 0, 100));
    group.add_action (volume);
    var toolset = new Oai.ActionToolset (group);
    assert ((yield get_result (toolset, "volume", """{"value": 80}""")) == """{"result":80}""");
    assert (group.get_action_state ("volume").get_int32 () == 80);
    yield get_refusal (toolset, "volume", """{"value": 101}""");
    yield survives (toolset, "volume", { "value" });
    group.remove_action ("volume");
    assert (toolset.find ("volume") == null);
}

async void test_the_properties_of_a_class () throws Error {
    var tool = new Oai.Tool.for_type ("book", null, typeof (Booking), (call, arguments) => {
        var booking = (Booking) arguments;

        call.respond ("%s: %d".printf (booking.name, booking.persons));
    });
    var toolset = make_toolset ({ tool });

    assert ((yield get_result (toolset, "book", """{"name": "Ada", "persons": 3}""")) == """{"result":"Ada: 3"}""");
    assert_contains (yield get_refusal (toolset, "book", """{"name": "Ada", "persons": "many"}"""), "persons");
    yield survives (toolset, "book", { "name", "persons" });
}

async void test_methods_of_a_dbus_object () throws Error {
    var bus = yield Bus.get (BusType.SESSION);

    bus.register_object ("/radio", new Radio ());
    var proxy = yield new DBusProxy (bus, DO_NOT_LOAD_PROPERTIES,
        new DBusNodeInfo.for_xml ("""<node><interface name="org.example.Radio"><method name="Tune">
            <arg type="s" name="station" direction="in"/><arg type="d" name="frequency" direction="out"/>
        </method></interface></node>""").interfaces[0], bus.get_unique_name (), "/radio", "org.example.Radio");
    var toolset = make_toolset ({ new Oai.Tool.for_dbus_method (proxy, "Tune") });

    assert ((yield get_result (toolset, "Radio_Tune", """{"station": "Jazz"}""")) == """{"result":91.5}""");
    yield survives (toolset, "Radio_Tune", { "station" });
}

async void test_an_operation_of_the_api () throws Error {
    var server = new OaiMock.Server ();
    string? reply = null;

    server.start_in_thread ();
    var client = new Oai.Client (new Oai.Auth ("sk-test"), new Oai.Settings.for_base_url (server.base_url));
    var toolset = make_toolset ({
        new Oai.Tool.for_operation (new Oai.ImagesEndpoint (client), "generate", """{"model":"gpt-image-1","n":1}""", (call, text) => reply = text),
        new Oai.Tool.for_operation (new Oai.ModelsEndpoint (client), "retrieve", null, null),
    });
    assert_contains (yield get_result (toolset, "images_generate", """{"prompt": "a cat"}"""), "png");
    assert_contains (reply, "b64_json");
    assert_contains (yield get_refusal (toolset, "images_generate", """{"prompt": "a cat", "model": "other"}"""), "model");
    assert_contains (yield get_result (toolset, "models_retrieve", """{"model": "gpt-4o"}"""), "gpt-4o");
    yield get_refusal (toolset, "models_retrieve", """{"model": "../files"}""");
    server.stop ();
}

async void test_the_tools_of_an_mcp_server () throws Error {
    var client = new Oai.McpClient.for_command (server_command, null);

    yield client.connect_async (null);
    var toolset = new Oai.McpToolset (client);

    toolset.approval = NEVER;
    yield toolset.load_async (null);
    assert ((yield get_result (toolset, "add", """{"a": 2, "b": 3}""")) == """{"result":{"sum":5}}""");
    assert_contains (yield get_refusal (toolset, "add", """{"a": 2}"""), "b");
    yield get_refusal (toolset, "fail", "{}");
    assert ((yield get_result (toolset, "read_resource", """{"uri": "test://text"}""")) == """{"result":"The text."}""");
    assert_contains (yield get_result (toolset, "prompt_greet", """{"who": "Ada"}"""), "Ada");
    toolset.features = TOOLS;
    yield survives (toolset, "add", { "a", "b" });
    yield client.close_async (null);
}

delegate void Begin (AsyncReadyCallback callback);

delegate void End (AsyncResult result) throws Error;

void add (string name, owned Begin begin, owned End end) {
    Test.add_data_func ("/vala/tool-sources/" + name, () => {
        var loop = new MainLoop ();

        begin ((source, result) => {
            try {
                end (result);
            } catch (Error e) {
                Test.message ("%s", e.message);
                Test.fail ();
            }
            loop.quit ();
        });
        loop.run ();
    });
}

int main (string[] args) {
    server_command = args[1:args.length];
    string[] own = { args[0] };
    unowned string[] own_arguments = own;
    Test.init (ref own_arguments);
    add ("a-function-with-a-schema", (callback) => test_a_function_with_a_schema.begin (callback), (result) => test_a_function_with_a_schema.end (result));
    add ("methods-of-an-object", (callback) => test_methods_of_an_object.begin (callback), (result) => test_methods_of_an_object.end (result));
    add ("all-methods-of-an-object", (callback) => test_all_methods_of_an_object.begin (callback), (result) => test_all_methods_of_an_object.end (result));
    add ("functions-of-a-namespace", (callback) => test_functions_of_a_namespace.begin (callback), (result) => test_functions_of_a_namespace.end (result));
    add ("actions", (callback) => test_actions.begin (callback), (result) => test_actions.end (result));
    add ("the-properties-of-a-class", (callback) => test_the_properties_of_a_class.begin (callback), (result) => test_the_properties_of_a_class.end (result));
    add ("methods-of-a-dbus-object", (callback) => test_methods_of_a_dbus_object.begin (callback), (result) => test_methods_of_a_dbus_object.end (result));
    add ("an-operation-of-the-api", (callback) => test_an_operation_of_the_api.begin (callback), (result) => test_an_operation_of_the_api.end (result));
    add ("the-tools-of-an-mcp-server", (callback) => test_the_tools_of_an_mcp_server.begin (callback), (result) => test_the_tools_of_an_mcp_server.end (result));
    return Test.run ();
}
