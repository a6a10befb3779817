/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Uses an assistant that calls a function of the program, and prints its answer while it arrives.
 *
 * usage: assistant QUESTION (OPENAI_MODEL names the model) */

Oai.AssistantRequest make_request () {
    var request = new Oai.AssistantRequest (Environment.get_variable ("OPENAI_MODEL") ?? "gpt-4o-mini");
    var definition = new Oai.FunctionDefinition ("get_temperature");

    definition.description = "Tells the temperature in a city.";
    definition.parameters = """{"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}""";
    request.instructions = "You are a helpful weather assistant.";
    request.add_tool (new Oai.AssistantFunctionTool (definition));
    return request;
}

Oai.RunStream answer_calls (Oai.Run run) {
    var outputs = new Oai.RunToolOutputsRequest ();

    foreach (unowned var call in run.get_tool_calls ()) {
        print ("[%s %s]\n", call.get_name (), call.get_input ());
        outputs.add_output (call.get_id (), """{"celsius": 31}""");
    }
    return run.submit_tool_outputs_stream (outputs);
}

async void ask (string question) throws Error {
    var client = new Oai.Client (null, null);
    var assistants = new Oai.AssistantsEndpoint (client);
    var assistant = yield assistants.create_async (make_request (), null);
    Oai.RunStream? stream = assistant.create_thread_and_run_stream (new Oai.ThreadRequest.for_text (question));

    while (stream != null) {
        stream.text_delta.connect ((text, index) => print ("%s", text));
        var run = (Oai.Run) yield stream.run_async (null);
        stream = run.get_tool_calls () != null ? answer_calls (run) : null;
    }
    print ("\n");
    yield assistant.delete_assistant_async (null);
}

int main (string[] args) {
    var loop = new MainLoop ();
    int status = 0;

    ask.begin (args.length > 1 ? args[1] : "Use the tool: how warm is it in Kuala Lumpur?", (source, result) => {
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
