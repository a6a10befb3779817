/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Offers a function of the program to the model, sends the results of its calls, and prints the answer.
 *
 * usage: function-call QUESTION (OPENAI_MODEL names the model) */

Oai.ResponseRequest make_request (string question) {
    var request = new Oai.ResponseRequest.for_text (Environment.get_variable ("OPENAI_MODEL") ?? "gpt-4o-mini", question);
    var tool = new Oai.ResponseFunctionTool ("get_temperature");

    tool.description = "Returns the temperature in a city.";
    tool.parameters = """{"type": "object", "properties": {"city": {"type": "string"}},
        "required": ["city"], "additionalProperties": false}""";
    tool.strict = true;
    request.add_tool (tool);
    return request;
}

string ask (string question) throws Error {
    var responses = new Oai.ResponsesEndpoint (new Oai.Client (null, null));
    var request = make_request (question);

    while (true) {
        var response = responses.create (request, null);
        response.check ();
        var calls = response.dup_function_calls ();
        if (calls.length == 0)
            return response.get_output_text ();

        request.add_output (response);
        foreach (unowned var call in calls) {
            print ("[%s %s]\n", call.name, call.arguments);
            request.add_function_result (call, """{"celsius": 31}""");
        }
    }
}

int main (string[] args) {
    try {
        print ("%s\n", ask (args.length > 1 ? args[1] : "Use the tool: how warm is it in Kuala Lumpur?"));
    } catch (Error e) {
        printerr ("%s\n", e.message);
        return 1;
    }
    return 0;
}
