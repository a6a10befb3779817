/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tests responses and conversations in Vala. */

OaiMock.Server mock;

delegate void TestFunc (Oai.Client client) throws Error;

void add (string name, owned TestFunc function) {
    Test.add_data_func ("/vala/responses/" + name, () => {
        try {
            mock.reset ();
            function (new Oai.Client (new Oai.Auth ("sk-test"), new Oai.Settings.for_base_url (mock.get_base_url ())));
        } catch (Error e) {
            assert_no_error (e);
        }
    });
}

Oai.ResponseRequest make_request (string text) {
    return new Oai.ResponseRequest.for_text ("m", text);
}

void test_items (Oai.Client client) throws Error {
    var responses = new Oai.ResponsesEndpoint (client);
    var request = make_request ("Use the tool");
    var tool = new Oai.ResponseFunctionTool ("get_weather");

    tool.parameters = """{"type": "object"}""";
    tool.strict = false;
    request.add_tool (tool);
    var response = responses.create (request, null);
    var items = response.get_output_items ();
    assert_true (items[items.length - 1] is Oai.ResponseFunctionCall);

    request.add_output (response);
    foreach (unowned var call in response.dup_function_calls ()) {
        assert_cmpstr (call.name, EQ, "get_weather");
        request.add_function_result (call, "rain");
    }
    response = responses.create (request, null);
    assert_cmpstr (response.get_output_text (), EQ, "The tool said: rain");
    assert_cmpstr (response.dup_message ().get_text (), EQ, "The tool said: rain");
    assert_cmpuint (response.dup_function_calls ().length, EQ, 0);
}

void test_unknown (Oai.Client client) throws Error {
    mock.push_reply (new OaiMock.Reply.json (200, """{"id": "resp_1", "status": "completed", "output": [{"type": "dream", "depth": 3}]}"""));
    var response = new Oai.ResponsesEndpoint (client).create (make_request ("Hello"), null);
    unowned var item = response.get_output_items ()[0];

    assert_true (item.get_type () == typeof (Oai.ResponseItem));
    assert_cmpstr (item.dup_member ("depth"), EQ, "3");
}

void test_parse (Oai.Client client) throws Error {
    var responses = new Oai.ResponsesEndpoint (client);
    var code = -1;

    assert_cmpstr (responses.parse (make_request ("Hello"), null).get_output_text (), EQ, "You said: Hello");
    mock.push_reply (new OaiMock.Reply.json (200, """{"id": "resp_1", "status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}"""));
    try {
        responses.parse (make_request ("Hello"), null);
    } catch (Oai.Error e) {
        code = e.code;
    }
    assert_cmpint (code, EQ, Oai.Error.LENGTH);
}

void test_stream (Oai.Client client) throws Error {
    var text = new StringBuilder ();
    var stream = new Oai.ResponsesEndpoint (client).create_stream (make_request ("Hello"));

    stream.output_text_delta.connect ((delta, output_index, content_index) => {
        text.append (delta);
        assert_cmpstr (stream.get_text (output_index, content_index), EQ, text.str);
    });
    var response = (Oai.Response) stream.run (null);
    assert_cmpstr (text.str, EQ, "You said: Hello");
    assert_cmpstr (response.get_output_text (), EQ, text.str);

    var events = new StringBuilder ();
    stream = new Oai.ResponsesEndpoint (client).create_stream (make_request ("Hello"));
    for (var event = stream.next (null); event != null; event = stream.next (null)) {
        var delta = event as Oai.ResponseOutputTextDeltaEvent;

        if (delta != null)
            events.append (delta.delta);
    }
    assert_cmpstr (events.str, EQ, text.str);
}

void test_failure (Oai.Client client) throws Error {
    var reply = new OaiMock.Reply.events ();

    reply.add_event ("response.created", """{"type": "response.created", "response": {"id": "resp_1", "output": []}}""");
    reply.add_event ("response.output_text.delta", """{"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": "Glasgow"}""");
    reply.add_event ("response.incomplete", """{"type": "response.incomplete", "response": {"id": "resp_1", "status": "incomplete",
        "incomplete_details": {"reason": "max_output_tokens"}, "output": []}}""".replace ("\n", " "));
    mock.push_reply (reply);
    var stream = new Oai.ResponsesEndpoint (client).create_stream (make_request ("Hello"));

    try {
        stream.run (null);
        assert_not_reached ();
    } catch (Oai.Error.LENGTH e) {
        assert_cmpstr (((Oai.Response) stream.dup_result ()).get_output_text (), EQ, "Glasgow");
    }
}

void test_background (Oai.Client client) throws Error {
    var request = make_request ("Hello");

    request.background = true;
    var response = new Oai.ResponsesEndpoint (client).create (request, null);
    assert_cmpstr (response.status, EQ, Oai.RESPONSE_STATUS_QUEUED);
    response = response.wait (1, 10000, null);
    assert_true (response.check ());
    assert_cmpstr (response.get_output_text (), EQ, "You said: Hello");
}

void test_conversation (Oai.Client client) throws Error {
    var conversation = new Oai.ConversationsEndpoint (client).create (null, null);
    var request = make_request ("Hello");
    var query = new Oai.ConversationItemListQuery () { order = Oai.LIST_ORDER_ASC };

    request.conversation = conversation.id;
    new Oai.ResponsesEndpoint (client).create (request, null);
    var items = conversation.list_items (query, null);
    assert_cmpuint (items.get_n_items (), EQ, 2);
    assert_cmpstr (((Oai.ResponseMessage) items.get_item (1)).get_text (), EQ, "You said: Hello");
    assert_true (conversation.delete_conversation (null).deleted);
}

async string run (Oai.ResponsesSocket socket, Oai.ResponseRequest request) throws Error {
    var response = (Oai.Response) yield socket.create_stream (request, null).run_async (null);

    return response.get_output_text ();
}

async void use_socket (Oai.ResponsesSocket socket) throws Error {
    assert_cmpstr (yield run (socket, make_request ("One")), EQ, "You said: One");

    var request = make_request ("Two");
    request.previous_response_id = "resp_9";
    try {
        yield run (socket, request);
        assert_not_reached ();
    } catch (Oai.Error e) {
        assert_true (e.message.contains ("resp_9"));
    }

    assert_cmpstr (yield run (socket, make_request ("Three")), EQ, "You said: Three");
    assert_true (socket.state == Oai.WebSocketState.OPEN);
    yield socket.close_async (1000, null, null);
}

void test_socket (Oai.Client client) throws Error {
    var socket = new Oai.ResponsesEndpoint (client).create_socket ();
    var loop = new MainLoop ();
    Error? failure = null;

    socket.continue_lanes = true;
    use_socket.begin (socket, (source, result) => {
        try {
            use_socket.end (result);
        } catch (Error e) {
            failure = e;
        }
        loop.quit ();
    });
    loop.run ();
    assert_no_error (failure);
    assert_cmpuint (mock.get_n_connections (), EQ, 1);
}

int main (string[] args) {
    Test.init (ref args);

    mock = new OaiMock.Server ();
    mock.set_validating (false);
    try {
        mock.start_in_thread ();
    } catch (Error e) {
        error ("%s", e.message);
    }

    add ("items-of-the-output-are-objects", test_items);
    add ("unknown-items-are-kept", test_unknown);
    add ("a-response-that-cannot-be-parsed-is-an-error", test_parse);
    add ("a-stream-emits-signals-and-has-events", test_stream);
    add ("a-stream-that-fails-keeps-what-has-arrived", test_failure);
    add ("a-response-in-the-background-is-awaited", test_background);
    add ("a-conversation-is-a-list-of-items", test_conversation);
    add ("a-socket-generates-several-responses", test_socket);

    int status = Test.run ();
    mock.stop ();
    return status;
}
