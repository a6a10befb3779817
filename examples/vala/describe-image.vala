/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sends an image file with a question, and prints the answer.
 *
 * usage: describe-image FILE [QUESTION] (OPENAI_MODEL names the model) */

string describe (File file, string question) throws Error {
    var responses = new Oai.ResponsesEndpoint (new Oai.Client (null, null));
    var message = new Oai.ResponseMessage.user (question);

    message.add_part (new Oai.ResponseInputImage.for_file (file, Oai.IMAGE_DETAIL_LOW, null));
    var request = new Oai.ResponseRequest ();
    request.model = Environment.get_variable ("OPENAI_MODEL") ?? "gpt-4o-mini";
    request.add_item (message);

    var response = responses.create (request, null);
    response.check ();
    return response.get_output_text ();
}

int main (string[] args) {
    if (args.length < 2) {
        printerr ("usage: describe-image FILE [QUESTION]\n");
        return 1;
    }

    try {
        print ("%s\n", describe (File.new_for_commandline_arg (args[1]), args.length > 2 ? args[2] : "What does this image show?"));
    } catch (Error e) {
        printerr ("%s\n", e.message);
        return 1;
    }
    return 0;
}
