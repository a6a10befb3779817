/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lets a model use the tools of an MCP server.
 *
 * usage: mcp COMMAND ARGUMENT... (OPENAI_MODEL names the model, QUESTION is what it does) */

async void ask (string[] command) throws Error {
    var client = new Oai.McpClient.for_command (command, null);
    var toolset = new Oai.McpToolset (client);
    var session = new Oai.ResponsesSession (new Oai.Client (null, null), Environment.get_variable ("OPENAI_MODEL") ?? "gpt-4o-mini");

    yield client.connect_async (null);
    toolset.approval = Oai.McpApproval.ALWAYS;
    toolset.approval_requested.connect ((call) => {
        /* A program with a window would show a dialog here, and call approve () or deny () later. */
        print ("[%s %s]\n", call.name, call.arguments);
        call.approve ();
    });
    yield toolset.load_async (null);

    session.toolset = toolset;
    var reply = yield session.send_async (Environment.get_variable ("QUESTION") ?? "Use the tool: what is 2 plus 3?", null);
    print ("%s\n", reply.text ?? "");
    yield client.close_async (null);
}

int main (string[] args) {
    var loop = new MainLoop ();
    int status = 0;

    if (args.length < 2) {
        printerr ("usage: mcp COMMAND ARGUMENT...\n");
        return 2;
    }
    ask.begin (args[1:args.length], (source, result) => {
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
