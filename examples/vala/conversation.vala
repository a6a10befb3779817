/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sends questions in one conversation that the server stores, and lists its items.
 *
 * usage: conversation [QUESTION...] (OPENAI_MODEL names the model) */

void ask (Oai.ResponsesEndpoint responses, Oai.Conversation conversation, string question) throws Error {
    var request = new Oai.ResponseRequest.for_text (Environment.get_variable ("OPENAI_MODEL") ?? "gpt-4o-mini", question);

    request.conversation = conversation.id;
    var response = responses.create (request, null);
    response.check ();
    print ("%s\n", response.get_output_text ());
}

void list_items (Oai.Conversation conversation) throws Error {
    var query = new Oai.ConversationItemListQuery ();
    query.order = Oai.LIST_ORDER_ASC;
    var items = conversation.list_items (query, null);

    for (uint i = 0; i < items.get_n_items (); i++) {
        var message = items.get_item (i) as Oai.ResponseMessage;

        if (message != null)
            print ("- %s: %s\n", message.role, message.get_text ());
    }
}

int main (string[] args) {
    var client = new Oai.Client (null, null);
    var responses = new Oai.ResponsesEndpoint (client);
    var conversations = new Oai.ConversationsEndpoint (client);
    string[] questions = args.length > 1 ? args[1:args.length] : new string[] { "My name is Robin.", "What is my name?" };

    try {
        var conversation = conversations.create (null, null);

        foreach (unowned var question in questions)
            ask (responses, conversation, question);
        list_items (conversation);
        conversation.delete_conversation (null);
    } catch (Error e) {
        printerr ("%s\n", e.message);
        return 1;
    }
    return 0;
}
