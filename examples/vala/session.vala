/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lets a model use functions of the program in a conversation.
 *
 * usage: session QUESTION... (OPENAI_MODEL names the model) */

const string PARAMETERS = """{"type": "object", "properties": {
    "city": {"type": "string", "description": "the name of the city, in English"},
    "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]}},
    "required": ["city"]}""";

async void get_temperature (Oai.ToolCall call) {
    /* A program would use the network here. */
    Idle.add (get_temperature.callback);
    yield;

    if (call.get_string ("city") == "") {
        call.fail_with_message ("The name of the city is empty.");
        return;
    }
    call.respond_json (call.get_string ("unit") == "fahrenheit" ? """{"temperature": 88}""" : """{"temperature": 31}""");
}

async void ask (string[] questions) throws Error {
    var client = new Oai.Client (null, null);
    var session = new Oai.ResponsesSession (client, Environment.get_variable ("OPENAI_MODEL") ?? "gpt-4o-mini");
    var toolset = new Oai.Toolset ();

    toolset.add_function ("get_temperature", "Returns the temperature in a city.", PARAMETERS, (call) => get_temperature.begin (call));
    session.call_finished.connect ((call) => print ("[%s %s: %s]\n", call.name, call.arguments, call.output));
    session.instructions = "Answer in one sentence.";
    session.toolset = toolset;
    foreach (unowned var question in questions) {
        var reply = yield session.send_async (question, null);
        print ("%s\n%s\n", question, reply.text ?? "");
    }
}

int main (string[] args) {
    string[] questions = { "Use the tool: how warm is it in Kuala Lumpur?", "And in Fahrenheit?" };
    var loop = new MainLoop ();
    int status = 0;

    ask.begin (args.length > 1 ? args[1:args.length] : questions, (source, result) => {
        try {
            ask.end (result);
        } catch (Error e) {
            printerr ("%s\n", e.message);
            status = 1;
        }
        loop.quit ();
    });
    loop.run ();
    return status;
}
