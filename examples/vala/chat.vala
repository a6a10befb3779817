/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sends a question, and prints the answer while it arrives.
 *
 * usage: chat QUESTION (OPENAI_MODEL names the model) */

async void chat (string question) throws Error {
    var client = new Oai.Client (null, null);
    var chat = new Oai.ChatEndpoint (client);
    var request = new Oai.ChatRequest (Environment.get_variable ("OPENAI_MODEL") ?? "gpt-4o-mini");

    request.add_user_message (question);
    var stream = chat.create_stream (request);
    stream.content_delta.connect ((text, choice_index) => print ("%s", text));
    yield stream.run_async (null);
    print ("\n");
}

int main (string[] args) {
    var loop = new MainLoop ();
    int status = 0;

    chat.begin (args.length > 1 ? args[1] : "Why is the sky blue?", (source, result) => {
        try {
            chat.end (result);
        } catch (Error e) {
            printerr ("%s\n", e.message);
            status = 1;
        }
        loop.quit ();
    });
    loop.run ();
    return status;
}
