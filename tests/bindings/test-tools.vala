/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tests tools that are functions of Vala.  The compiler must not warn about them. */

const string CITY = """{"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city"], "additionalProperties": false}""";

class Recipe : Object {
    public string title { get; set; }
    public int minutes { get; set; }
}

class Weather : Object {
    public int n_calls;

    public void get_weather (Oai.ToolCall call) {
        n_calls++;
        call.respond ("%s: %d".printf (call.get_string ("city"), (int) call.get_int ("days")));
    }

    public async void get_weather_later (Oai.ToolCall call) {
        Idle.add (get_weather_later.callback);
        yield;
        get_weather (call);
    }
}

class Echo : Oai.Tool {
    public Echo () {
        Object (name: "echo", description: "Repeats its arguments");
    }

    public override void call (Oai.ToolCall call) {
        call.respond_json (call.arguments);
    }
}

Oai.ToolCall? run (Oai.Toolset toolset, string name, string arguments) {
    var loop = new MainLoop ();
    Oai.ToolCall? ended = null;

    toolset.call_async.begin ("call_1", name, arguments, null, (source, result) => {
        try {
            ended = toolset.call_async.end (result);
        } catch (Error e) {
            Test.message ("%s", e.message);
            Test.fail ();
        }
        loop.quit ();
    });
    loop.run ();
    return ended;
}

void test_methods_are_tools () {
    var weather = new Weather ();
    var toolset = new Oai.Toolset ();

    try {
        unowned var tool = toolset.add_function ("get_weather", "Returns the weather", CITY, weather.get_weather);
        tool.timeout_ms = 5000;
        toolset.add_function ("later", null, CITY, (call) => weather.get_weather_later.begin (call));
    } catch (Error e) {
        assert_not_reached ();
    }
    assert (run (toolset, "get_weather", """{"city": "Bonn", "days": 3}""").output == """{"result":"Bonn: 3"}""");
    assert (run (toolset, "later", """{"city": "Bonn"}""").output == """{"result":"Bonn: 0"}""");
    assert (weather.n_calls == 2);
}

void test_a_tool_keeps_the_object_of_its_method () {
    var weather = new Weather ();
    unowned var watched = weather;
    var released = false;
    var toolset = new Oai.Toolset ();

    watched.weak_ref (() => released = true);
    try {
        toolset.add_function ("get_weather", null, CITY, weather.get_weather);
    } catch (Error e) {
        assert_not_reached ();
    }
    weather = null;
    assert (!released);
    run (toolset, "get_weather", """{"city": "Bonn"}""");
    toolset.remove ("get_weather");
    assert (released);
}

void test_hostile_arguments_do_not_reach_the_function () {
    var weather = new Weather ();
    var toolset = new Oai.Toolset ();

    try {
        toolset.add_function ("get_weather", null, CITY, weather.get_weather);
    } catch (Error e) {
        assert_not_reached ();
    }
    string[] hostile = { "", "{", "[]", "3", "{}", """{"city": 3}""", """{"city": null}""", """{"city": "a", "other": 1}""",
        """{"city": "a", "days": "3"}""", """{"city": "a", "days": NaN}""", """{"city": "a"} x""" };
    foreach (unowned var arguments in hostile) {
        var call = run (toolset, "get_weather", arguments);
        assert (call.state == FAILED && call.output.has_prefix ("{\"error\":"));
    }
    assert (weather.n_calls == 0);
    assert (run (toolset, "no_tool", "{}").error.matches (Oai.Error.quark (), Oai.Error.NOT_FOUND));
}

void test_errors_are_not_sent () {
    var toolset = new Oai.Toolset ();

    try {
        toolset.add_function ("fails", null, null, (call) => {
            try {
                File.new_for_path ("/no/such/file").read ();
            } catch (Error e) {
                call.fail (e);
            }
        });
        toolset.add_function ("explains", null, null, (call) => call.fail_with_message ("Use another city."));
    } catch (Error e) {
        assert_not_reached ();
    }
    var failed = run (toolset, "fails", "{}");
    assert (failed.output == """{"error":"The tool failed."}""" && failed.error.matches (IOError.quark (), IOError.NOT_FOUND));
    assert (run (toolset, "explains", "{}").output == """{"error":"Use another city."}""");
}

void test_a_class_can_be_a_tool () {
    var toolset = new Oai.Toolset ();

    try {
        toolset.add (new Echo ());
    } catch (Error e) {
        assert_not_reached ();
    }
    assert (run (toolset, "echo", "{}").output == """{"result":{}}""");
}

void test_the_program_approves_calls () {
    var weather = new Weather ();
    var toolset = new Oai.Toolset ();

    try {
        toolset.add_function ("get_weather", null, CITY, weather.get_weather).needs_approval = true;
    } catch (Error e) {
        assert_not_reached ();
    }
    assert (run (toolset, "get_weather", """{"city": "Bonn"}""").state == DENIED);
    toolset.approval_requested.connect ((call) => call.approve ());
    assert (run (toolset, "get_weather", """{"city": "Bonn"}""").state == SUCCEEDED);
}

void test_objects_are_json () {
    try {
        var schema = new Oai.JsonSchema.for_type (typeof (Recipe));
        schema.validate ("""{"title": "Soup", "minutes": 20}""");
        var recipe = Oai.json_to_object (typeof (Recipe), """{"title": "Soup", "minutes": 20}""") as Recipe;
        assert (recipe.title == "Soup" && recipe.minutes == 20);
        assert (Oai.json_from_object (recipe) == """{"title":"Soup","minutes":20}""");
    } catch (Error e) {
        Test.message ("%s", e.message);
        Test.fail ();
    }
}

void test_an_item_is_an_object () {
    try {
        var session = new Oai.ChatSession (new Oai.Client (null, null), "m");
        session.add_record (new Oai.ChatMessage.assistant ("""{"title": "Soup", "minutes": 20}"""));
        var item = (Oai.SessionItem) session.get_item (0);
        var recipe = (Recipe) item.parse (typeof (Recipe));
        assert (recipe.title == "Soup" && recipe.minutes == 20);
    } catch (Error e) {
        Test.message ("%s", e.message);
        Test.fail ();
    }
}

void test_values_of_enumerations_have_names () {
    assert (Oai.SessionItemKind.TOOL_CALL.to_string () == "OAI_SESSION_ITEM_KIND_TOOL_CALL");
    assert (Oai.SessionItemState.COMPLETE.to_string () == "OAI_SESSION_ITEM_STATE_COMPLETE");
    assert (Oai.SessionState.RUNNING_TOOLS.to_string () == "OAI_SESSION_STATE_RUNNING_TOOLS");
    assert (Oai.ToolCallState.DENIED.to_string () == "OAI_TOOL_CALL_STATE_DENIED");
    assert (Oai.McpState.CONNECTED.to_string () == "OAI_MCP_STATE_CONNECTED");
}

int main (string[] args) {
    Test.init (ref args);
    Test.add_func ("/vala/tools/methods-are-tools", test_methods_are_tools);
    Test.add_func ("/vala/tools/values-of-enumerations-have-names", test_values_of_enumerations_have_names);
    Test.add_func ("/vala/tools/a-tool-keeps-the-object-of-its-method", test_a_tool_keeps_the_object_of_its_method);
    Test.add_func ("/vala/tools/hostile-arguments-do-not-reach-the-function", test_hostile_arguments_do_not_reach_the_function);
    Test.add_func ("/vala/tools/errors-are-not-sent", test_errors_are_not_sent);
    Test.add_func ("/vala/tools/a-class-can-be-a-tool", test_a_class_can_be_a_tool);
    Test.add_func ("/vala/tools/the-program-approves-calls", test_the_program_approves_calls);
    Test.add_func ("/vala/tools/objects-are-json", test_objects_are_json);
    Test.add_func ("/vala/tools/an-item-is-an-object", test_an_item_is_an_object);
    return Test.run ();
}
