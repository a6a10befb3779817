/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Generates responses over one WebSocket connection; each continues the one before.
 *
 * usage: web-socket [QUESTION...] (OPENAI_MODEL names the model) */

async void ask (string[] questions) throws Error {
    var responses = new Oai.ResponsesEndpoint (new Oai.Client (null, null));
    var socket = responses.create_socket ();
    var model = Environment.get_variable ("OPENAI_MODEL") ?? "gpt-4o-mini";

    socket.continue_lanes = true;
    foreach (unowned var question in questions) {
        var stream = socket.create_stream (new Oai.ResponseRequest.for_text (model, question), null);

        stream.output_text_delta.connect ((text, output_index, content_index) => print ("%s", text));
        yield stream.run_async (null);
        print ("\n");
    }
    yield socket.close_async (1000, null, null);
}

int main (string[] args) {
    string[] questions = args.length > 1 ? args[1:args.length] : new string[] { "Name a city.", "In which country is it?" };
    var loop = new MainLoop ();
    int status = 0;

    ask.begin (questions, (source, result) => {
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
