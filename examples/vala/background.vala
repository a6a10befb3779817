/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Starts a response in the background, waits for it, prints its text and deletes it.
 *
 * usage: background QUESTION (OPENAI_MODEL names the model, OPENAI_POLL_MS the interval of the checks) */

async void ask (string question) throws Error {
    var responses = new Oai.ResponsesEndpoint (new Oai.Client (null, null));
    var request = new Oai.ResponseRequest.for_text (Environment.get_variable ("OPENAI_MODEL") ?? "gpt-4o-mini", question);
    var interval = int.parse (Environment.get_variable ("OPENAI_POLL_MS") ?? "2000");

    request.background = true;
    var response = yield responses.create_async (request, null);
    print ("%s: %s\n", response.id, response.status);

    response = yield response.wait_async (interval, -1, null);
    response.check ();
    print ("%s\n", response.get_output_text ());
    yield response.delete_response_async (null);
}

int main (string[] args) {
    var loop = new MainLoop ();
    int status = 0;

    ask.begin (args.length > 1 ? args[1] : "Write a story about a house that rides a velociraptor.", (source, result) => {
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
