/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sends a question, waits for the answer, and prints it with the number of tokens used.
 *
 * usage: ask QUESTION (OPENAI_MODEL names the model) */

int main (string[] args) {
    var client = new Oai.Client (null, null);
    var chat = new Oai.ChatEndpoint (client);
    var request = new Oai.ChatRequest (Environment.get_variable ("OPENAI_MODEL") ?? "gpt-4o-mini");

    request.add_system_message ("Answer in one sentence.");
    request.add_user_message (args.length > 1 ? args[1] : "Why is the sky blue?");
    try {
        var completion = chat.create (request, null);

        print ("%s\n", completion.get_text ());
        if (completion.has_member ("usage"))
            print ("(%lld tokens)\n", completion.usage.total_tokens);
    } catch (Error e) {
        printerr ("%s\n", e.message);
        return 1;
    }
    return 0;
}
