/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tests the library in Vala. */

OaiMock.Server mock;

Oai.Client make_client () throws Error {
    mock.reset ();
    return new Oai.Client (new Oai.Auth ("sk-test"), new Oai.Settings.for_base_url (mock.get_base_url ()));
}

void push (string path, string json, uint status = 200) {
    mock.push_reply_for ("GET", "/" + path, new OaiMock.Reply.json (status, json));
}

void test_call () {
    try {
        var client = make_client ();
        var files = new Oai.FilesEndpoint (client);

        push ("files/file-1", """{"id": "file-1", "bytes": 7, "filename": "1.txt", "more": [1]}""");
        var file = files.retrieve ("file-1", null);
        assert_cmpstr (file.filename, EQ, "1.txt");
        assert_true (file.bytes == 7);
        assert_cmpstr (file.dup_member ("more"), EQ, "[1]");
    } catch (Error e) {
        assert_no_error (e);
    }
}

async void retrieve_missing (Oai.FilesEndpoint files, MainLoop loop) {
    try {
        yield files.retrieve_async ("file-9", null);
        assert_not_reached ();
    } catch (Oai.Error.NOT_FOUND e) {
        assert_true (files.get_client ().find_call_for_error (e).get_status_code () == 404);
    } catch (Error e) {
        assert_no_error (e);
    }
    loop.quit ();
}

void test_error () {
    try {
        var files = new Oai.FilesEndpoint (make_client ());
        var loop = new MainLoop ();

        push ("files/file-9", """{"error": {"message": "No such file"}}""", 404);
        retrieve_missing.begin (files, loop);
        loop.run ();
    } catch (Error e) {
        assert_no_error (e);
    }
}

void test_request () {
    var query = new Oai.FileListQuery () { limit = 3 };

    query.purpose = Oai.FILE_PURPOSE_BATCH;
    assert_true (query.limit == 3);
    assert_cmpstr (query.dup_member ("limit"), EQ, "3");
    assert_cmpstr (query.dup_member ("purpose"), EQ, "\"batch\"");
}

async Oai.Record? run (Oai.ChatStream stream) throws Error {
    return yield stream.run_async (null);
}

void test_stream () {
    try {
        var chat = new Oai.ChatEndpoint (make_client ());
        var request = new Oai.ChatRequest ("gpt-4o-mini");
        var text = new StringBuilder ();
        var loop = new MainLoop ();

        request.add_user_message ("Hello!");
        var stream = chat.create_stream (request);
        stream.content_delta.connect ((delta, choice_index) => text.append (delta));

        Oai.Record? completion = null;
        run.begin (stream, (source, result) => {
            try {
                completion = run.end (result);
            } catch (Error e) {
                assert_no_error (e);
            }
            loop.quit ();
        });
        loop.run ();
        assert_cmpstr (((Oai.ChatCompletion) completion).get_text (), EQ, text.str);
        assert_true (text.len > 0);
    } catch (Error e) {
        assert_no_error (e);
    }
}

async void use_tool (Oai.Client client, MainLoop loop) {
    try {
        var request = new Oai.AssistantRequest ("gpt-4o");
        request.add_tool (new Oai.AssistantFunctionTool (new Oai.FunctionDefinition ("weather")));
        var assistant = yield new Oai.AssistantsEndpoint (client).create_async (request, null);
        var run = yield assistant.create_thread_and_run_async (new Oai.ThreadRequest.for_text ("Use the tool"), null);
        run = yield run.wait_async (1, -1, null);
        assert_cmpstr (run.status, EQ, Oai.RUN_STATUS_REQUIRES_ACTION);

        var outputs = new Oai.RunToolOutputsRequest ();
        foreach (unowned var call in run.get_tool_calls ())
            outputs.add_output (call.get_id (), "rain");
        var text = new StringBuilder ();
        var stream = run.submit_tool_outputs_stream (outputs);
        stream.text_delta.connect ((delta, index) => text.append (delta));
        run = (Oai.Run) yield stream.run_async (null);
        assert_cmpstr (run.status, EQ, "completed");
        assert_cmpstr (text.str, EQ, "The tool said: rain");
        assert_cmpstr (stream.dup_message ().dup_text (), EQ, text.str);
        assert_true (stream.dup_run_steps ().length == 2);
        yield assistant.delete_assistant_async (null);
    } catch (Error e) {
        assert_no_error (e);
    }
    loop.quit ();
}

void test_run () {
    try {
        var loop = new MainLoop ();

        use_tool.begin (make_client (), loop);
        loop.run ();
    } catch (Error e) {
        assert_no_error (e);
    }
}

async void tune (Oai.Client client, MainLoop loop) {
    try {
        var embeddings = new Oai.EmbeddingsEndpoint (client);
        var vector = yield embeddings.embed_async ("text-embedding-3-small", "one", null);
        assert_true (Oai.vector_get_values (vector).length == 8);
        var request = new Oai.EmbeddingRequest.for_texts ("text-embedding-3-small", { "one", "two" });
        var vectors = (yield embeddings.create_async (request, null)).dup_vectors ();
        assert_true (vectors.length == 2 && vectors[0].compare (vector) == 0);
        var both = yield embeddings.embed_texts_async ("text-embedding-3-small", { "one", "two" }, null);
        assert_true (both.length == 2 && both[1].compare (vectors[1]) == 0);

        assert_true (yield new Oai.ModerationsEndpoint (client).moderate_text_async ("so much violence", null));

        var input = new Oai.InputFile.for_bytes (new Bytes ("{}".data), "a.jsonl");
        var file = yield new Oai.FilesEndpoint (client).upload_async (new Oai.FileUploadRequest (input, "fine-tune"), null);
        var tuning = new Oai.FineTuningEndpoint (client);
        var job_request = new Oai.FineTuningJobRequest ("gpt-4o-mini", file.id);
        job_request.method = new Oai.FineTuningMethod.for_dpo (null);
        var job = yield tuning.create_async (job_request, null);
        var watch = new Oai.FineTuningWatch (tuning, job.id);
        var events = 0;
        watch.interval_ms = 1;
        watch.event.connect (() => events++);
        job = yield watch.run_async (null);
        assert_true (job.is_finished () && events == 5);
    } catch (Error e) {
        assert_no_error (e);
    }
    loop.quit ();
}

void test_tuning () {
    try {
        var loop = new MainLoop ();

        tune.begin (make_client (), loop);
        loop.run ();
    } catch (Error e) {
        assert_no_error (e);
    }
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

    Test.add_func ("/vala/a-call-returns-a-record", test_call);
    Test.add_func ("/vala/an-error-of-the-server-is-caught-by-its-name", test_error);
    Test.add_func ("/vala/a-request-has-properties", test_request);

    Test.add_func ("/vala/a-stream-emits-signals", test_stream);

    Test.add_func ("/vala/a-run-continues-with-the-results-of-functions", test_run);
    Test.add_func ("/vala/vectors-moderations-and-tuning", test_tuning);

    int status = Test.run ();
    mock.stop ();
    return status;
}
