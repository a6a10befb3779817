/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A front end: streams the answer to a question through the back end of proxy.c or proxy.py, with a token of proxy-login.
 *
 * usage: proxy-client URL TOKEN [QUESTION] (OPENAI_MODEL names the model)
 *
 * URL is what the back end prints.  For a back end with TLS at a domain, use Oai.Settings.for_domain(). */

int main (string[] args) {
    if (args.length < 3) {
        printerr ("usage: proxy-client URL TOKEN [QUESTION]\n");
        return 2;
    }

    try {
        var client = new Oai.Client (new Oai.Auth (args[2]), new Oai.Settings.for_base_url (args[1]));
        var chat = new Oai.ChatEndpoint (client);
        var request = new Oai.ChatRequest (Environment.get_variable ("OPENAI_MODEL") ?? "gpt-4o-mini");

        request.add_user_message (args.length > 3 ? args[3] : "Why is the sky blue?");
        var stream = chat.create_stream (request);
        stream.content_delta.connect ((text, choice) => print ("%s", text));
        stream.run (null);
        print ("\n");
    } catch (Error e) {
        printerr ("%s\n", e.message);
        return 1;
    }
    return 0;
}
