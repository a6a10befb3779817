/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Streams a response: prints the text while it arrives, and then the number of tokens used.
 *
 * usage: response QUESTION (OPENAI_MODEL names the model) */

async void ask (string question) throws Error {
    var responses = new Oai.ResponsesEndpoint (new Oai.Client (null, null));
    var request = new Oai.ResponseRequest.for_text (Environment.get_variable ("OPENAI_MODEL") ?? "gpt-4o-mini", question);

    request.instructions = "Answer in one sentence.";
    var stream = responses.create_stream (request);
    stream.output_text_delta.connect ((text, output_index, content_index) => print ("%s", text));
    var response = (Oai.Response) yield stream.run_async (null);
    print ("\n");
    if (response.usage != null)
        print ("(%lld tokens)\n", response.usage.total_tokens);
}

int main (string[] args) {
    var loop = new MainLoop ();
    int status = 0;

    ask.begin (args.length > 1 ? args[1] : "Why is the sky blue?", (source, result) => {
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
