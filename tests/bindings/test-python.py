#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests the library and its additions in Python.  Prints TAP.

With PyGObject 3.50 or later, await and async for are tested as well.
"""

import json
import subprocess
import sys
import traceback

import gi

gi.require_version("Oai", "1")
gi.require_version("OaiMock", "1")
from gi.repository import Gio, GLib, GObject, Oai, OaiMock  # noqa: E402

TESTS = []
FILES = [{"id": "file-%d" % number, "object": "file", "bytes": number, "created_at": 1700000000 + number,
          "filename": "%d.txt" % number, "purpose": "user_data", "new_member": {"deep": [number]}}
         for number in range(1, 6)]


def test(function):
    TESTS.append(function)
    return function


def push(mock, path, value, status=200):
    mock.push_reply_for("GET", "/" + path, OaiMock.Reply.new_json(status, json.dumps(value)))


def push_files(mock):
    """Five files on three pages."""
    for first, last in ((0, 2), (2, 4), (4, 5)):
        page = FILES[first:last]
        push(mock, "files", {"object": "list", "data": page, "first_id": page[0]["id"], "last_id": page[-1]["id"],
                             "has_more": last < 5})


def get_file(client, mock):
    push(mock, "files/file-1", FILES[0])
    return client.files.retrieve("file-1", None)


@test
def endpoints_are_attributes_of_the_client(client, _mock):
    assert isinstance(client.files, Oai.FilesEndpoint)
    assert isinstance(client.models, Oai.ModelsEndpoint)
    assert client.files.get_name() == "files"


@test
def each_listed_module_has_an_endpoint(client, _mock):
    names = Oai.list_modules()
    assert "chat" in names and "fine-tuning" in names, names
    assert [client.get_endpoint(name).get_name() for name in names] == names
    assert {name.replace("-", "_") for name in names} <= set(dir(client))


@test
def an_unknown_endpoint_is_an_attribute_error(client, _mock):
    assert not hasattr(client, "no_such_module")
    try:
        client.no_such_module
    except AttributeError as error:
        assert "Client has no attribute no_such_module" in str(error)
    for misspelt in ("Chat", "chat_", "chats"):
        assert get_error(AttributeError, getattr, client, misspelt) == \
            "Client has no attribute %s; did you mean chat?" % misspelt
    assert not hasattr(client, "")
    try:
        client.embedings
    except AttributeError as error:
        assert "did you mean embeddings?" in str(error)
    assert "fine_tuning" in dir(client)
    assert "libopenai-no-such-module-1.so.0" in get_error(GLib.Error, client.get_endpoint, "no-such-module")


@test
def modules_that_few_programs_need_are_not_imported_at_the_start(_client, _mock):
    program = """
import sys
import gi
gi.require_version("Oai", "1")
from gi.repository import Gio, GLib, GObject
before = set(sys.modules)
from gi.repository import Oai
print(*(set(sys.modules) - before))
"""
    imported = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=True, text=True).stdout.split()
    assert "gi.overrides.Oai" in imported, imported
    assert not {"asyncio", "dataclasses", "difflib", "inspect", "ssl", "typing"} & set(imported), imported
    assert not [name for name in imported if "_oai" in name], imported


@test
def an_operation_is_invoked_by_its_name(client, mock):
    push(mock, "files/file-1", FILES[0])
    assert client.files.invoke_operation("retrieve", {"file_id": "file-1"}) == FILES[0]
    assert mock.dup_request(-1).get_path().endswith("/files/file-1")
    get_error(GLib.Error, client.files.invoke_operation, "no_such_operation")


@test
def a_client_takes_a_key_and_a_base_url(_client, mock):
    client = Oai.Client(api_key="sk-other", base_url=mock.get_base_url())
    push(mock, "files/file-1", FILES[0])
    client.files.retrieve("file-1", None)
    assert mock.dup_request(-1).get_header("authorization") == "Bearer sk-other"


@test
def fields_of_a_reply_are_attributes(client, mock):
    file = get_file(client, mock)
    assert file.filename == "1.txt" and file.bytes == 1 and file.created_at == 1700000001
    assert file.get_filename() == "1.txt" and file.props.filename == "1.txt"
    assert file.dup_created_at_date_time().to_unix() == 1700000001
    try:
        file.no_such_field
        raise AssertionError("an unknown field has a value")
    except AttributeError as error:
        assert "no_such_field" in str(error)


@test
def unknown_members_are_read_like_a_dictionary(client, mock):
    file = get_file(client, mock)
    assert file["new_member"] == {"deep": [1]}
    assert "new_member" in file and "other" not in file
    assert file.get("other", 7) == 7
    assert file.to_dict() == FILES[0]
    assert dict(file.items()) == FILES[0] and set(file) == set(FILES[0]) and len(file) == len(FILES[0])
    try:
        file["other"]
        raise AssertionError("a member that is not there has a value")
    except KeyError:
        pass


@test
def requests_are_created_with_keywords(_client, _mock):
    query = Oai.FileListQuery(limit=3, purpose="batch")
    assert query.limit == 3 and query.to_dict() == {"limit": 3, "purpose": "batch"}
    query["anything"] = {"a": [1, None]}
    assert query.to_dict()["anything"] == {"a": [1, None]}
    del query["anything"]
    assert "anything" not in query
    try:
        Oai.FileListQuery(no_such_field=1)
        raise AssertionError("an unknown field was taken")
    except TypeError as error:
        assert "no_such_field" in str(error)


@test
def a_loop_over_a_page_loads_the_next_pages(client, mock):
    push_files(mock)
    page = client.files.list(None, None)
    assert [file.get_id() for file in page] == [file["id"] for file in FILES]
    assert [file.get_id() for file in page] == [file["id"] for file in FILES], "a second time"
    assert mock.dup_request(-1).dup_query_value("after") == "file-4"


@test
def an_error_has_a_call(client, mock):
    error = {"error": {"message": "No such file", "type": "invalid_request_error", "code": "gone", "param": "id"}}
    push(mock, "files/file-9", error, 404)
    try:
        client.files.retrieve("file-9", None)
        raise AssertionError("no error")
    except GLib.Error as error:
        assert error.matches(Oai.error_quark(), Oai.Error.NOT_FOUND), error
        call = client.find_call_for_error(error)
        assert call.get_status_code() == 404 and call.get_error_code() == "gone" and call.get_n_attempts() == 1


@test
def a_callback_gets_the_reply(client, mock):
    loop = GLib.MainLoop()
    got = []

    def done(files, result):
        got.append(files.retrieve_finish(result))
        loop.quit()

    push(mock, "files/file-1", FILES[0])
    client.files.retrieve_async("file-1", None, done)
    loop.run()
    assert got[0].get_id() == "file-1"


@test
def a_page_is_a_list_model(client, mock):
    push_files(mock)
    page = client.files.list(None, None)
    changes = []
    page.connect("items-changed", lambda *arguments: changes.append(arguments[1:]))
    assert page.get_n_items() == 2 and len(page) == 2
    page.load_more(None)
    assert changes == [(2, 0, 2)], changes
    assert page[3].get_id() == "file-4"


def make_stream(client):
    return client.chat.create_stream(Oai.ChatRequest(model="gpt-4o-mini", messages=[{"role": "user", "content": "Hello!"}]))


def text_of(chunk):
    return "".join(choice.get_delta().get_content() or "" for choice in chunk.get_choices())


@test
def requests_take_lists_of_records_and_of_dictionaries(_client, _mock):
    one = Oai.ChatRequest(model="gpt-4o-mini", messages=[Oai.ChatMessage(role="user", content="Hello!")])
    other = Oai.ChatRequest(model="gpt-4o-mini", messages=[{"role": "user", "content": "Hello!"}])
    assert one.equal(other), (str(one), str(other))
    assert other.messages[0].content == "Hello!"


@test
def changing_a_copy_of_a_list_is_an_error(client, _mock):
    message = Oai.ChatMessage(role="user", content="Hello!")
    request = Oai.ChatRequest(model="m", messages=[message])
    for change in (lambda: request.messages.append(message), lambda: request.messages.clear(), lambda: request.messages.pop(),
                   lambda: request.messages.__setitem__(0, message), lambda: request.messages.sort(key=str)):
        get_error(TypeError, change)
    request.messages += [message]
    assert len(request.messages) == 2 and request.messages == [*request.messages], request.to_json()
    texts = Oai.CompletionRequest(model="m", prompt="x", stop_list=["a"])
    get_error(TypeError, texts.stop_list.append, "b")
    texts.stop_list += ["b"]
    assert texts["stop"] == ["a", "b"], texts.to_json()
    choices = client.chat.create(request, None).choices
    choices.reverse()
    assert len(choices) == 1


@test
def a_stream_emits_signals(client, _mock):
    loop = GLib.MainLoop()
    texts = []
    got = []

    def done(stream, result):
        got.append(stream.run_finish(result))
        loop.quit()

    stream = make_stream(client)
    stream.connect("content-delta", lambda _stream, text, _choice_index: texts.append(text))
    stream.run_async(None, done)
    loop.run()
    assert isinstance(got[0], Oai.ChatCompletion)
    assert len(texts) > 1 and "".join(texts) == got[0].get_text(), texts


@test
def a_loop_over_a_stream_gets_its_chunks(client, _mock):
    stream = make_stream(client)
    text = "".join(text_of(chunk) for chunk in stream)
    assert text and text == stream.dup_result().get_text()


def push_chunks(mock, count, end="[DONE]"):
    """The text of a chunk is its number.  All chunks are sent at once."""
    reply = OaiMock.Reply.new_events()
    events = [json.dumps({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m",
                          "choices": [{"index": 0, "delta": {"content": str(i)}, "finish_reason": None}]})
              for i in range(count)]
    reply.add_text("".join("data: %s\n\n" % event for event in [*events, *([end] if end else [])]))
    mock.push_reply(reply)


@test
def a_loop_waits_only_for_chunks_that_have_not_been_received(client, mock):
    waits = []

    class CountingStream:
        def __init__(self, stream):
            self.try_next = stream.try_next
            self.close = stream.close
            self.next = lambda cancellable: waits.append(1) or stream.next(cancellable)

    push_chunks(mock, 10)
    stream = make_stream(client)
    text = ""
    for chunk in Oai.Stream.__iter__(CountingStream(stream)):
        text += chunk.choices[0].delta.content
        assert stream.get_content(0) == text
    assert text == "0123456789" and len(waits) < 10, (text, len(waits))


@test
def a_second_iterator_continues_after_the_first_one(client, mock):
    push_chunks(mock, 5)
    stream = make_stream(client)
    first = iter(stream)
    texts = [next(first).choices[0].delta.content, next(first).choices[0].delta.content]
    texts.append(stream.next(None).choices[0].delta.content)
    texts += [chunk.choices[0].delta.content for chunk in stream]
    assert texts == ["0", "1", "2", "3", "4"], texts
    assert next(first, None) is None


@test
def an_error_follows_the_chunks_before_it(client, mock):
    push_chunks(mock, 3, None)
    texts = []
    try:
        for chunk in make_stream(client):
            texts.append(chunk.choices[0].delta.content)
        raise AssertionError("the stream is incomplete")
    except GLib.Error as error:
        assert error.matches(Oai.error_quark(), Oai.Error.INCOMPLETE), error
    assert texts == ["0", "1", "2"], texts


@test
def members_become_attributes_of_the_class_that_has_them(_client, _mock):
    class NamedGrader(Oai.Grader):
        name = "own"

    grader = NamedGrader()
    grader["type"] = "python"
    assert (grader.type, grader.name) == ("python", "own")
    assert "type" not in NamedGrader.__dict__
    assert Oai.Grader().type is None
    message = Oai.ChatMessage(role="user", content="Hi")
    assert message.content == "Hi"
    message.content = "Hello"
    assert (message.content, message.get_content(), Oai.ChatMessage(role="user").content) == ("Hello", "Hello", None)
    request = Oai.ChatRequest(model="m", messages=[message])
    get_error(TypeError, request.messages.append, message)
    request.messages += [message]
    assert len(request.messages) == 2
    get_error(AttributeError, getattr, message, "contents")


@test
def every_member_of_every_record_is_an_attribute(_client, _mock):
    records = [cls for cls in (getattr(Oai, name) for name in dir(Oai)) if isinstance(cls, type) and issubclass(cls, Oai.Record)]
    missing = [(cls.__name__, info.get_name()) for cls in records for info in Oai.Record.list_fields(cls.__gtype__)
               if not hasattr(cls(), info.get_name().replace("-", "_"))]
    assert len(records) > 100 and not missing, missing


@test
def dir_lists_members_also_if_they_have_not_been_read(_client, _mock):
    names = dir(Oai.RunRequest())
    assert {"assistant_id", "get_assistant_id", "to_dict"} <= set(names) and len(names) == len(set(names)), names


@test
def lists_of_numbers_are_attributes(_client, _mock):
    grader = Oai.ScoreModelGrader(range=[0, 1.5])
    grader.range += [2]
    assert grader.range == [0, 1.5, 2] and grader.get_range() == [0, 1.5, 2], grader.range
    get_error(TypeError, grader.range.append, 3)
    reply = Oai.Record.new_from_json(Oai.ChatTokenLogprob.__gtype__, '{"bytes": [240, 159]}')
    assert reply.bytes == [240, 159], reply.bytes


@test
def leaving_a_loop_closes_the_stream(client, _mock):
    with make_stream(client) as stream:
        for _chunk in stream:
            break
    assert not stream.is_running()


def has_await():
    return gi.version_info >= (3, 50, 0)


def run_async(coroutine):
    import asyncio
    from gi.events import GLibEventLoopPolicy

    policy = GLibEventLoopPolicy()
    asyncio.set_event_loop_policy(policy)
    try:
        return policy.get_event_loop().run_until_complete(asyncio.wait_for(coroutine, 30))
    finally:
        asyncio.set_event_loop_policy(None)


def make_run(client, text):
    request = Oai.AssistantRequest(model="gpt-4o", tools=[{"type": "function", "function": {"name": "weather"}}])
    assistant = client.assistants.create(request, None)
    return assistant.create_thread_and_run(Oai.ThreadRequest.new_for_text(text), None)


@test
def a_run_continues_with_the_results_of_functions(client, _mock):
    run = make_run(client, "Use the tool").wait(1, -1, None)
    assert run.status == Oai.RUN_STATUS_REQUIRES_ACTION
    outputs = Oai.RunToolOutputsRequest.new()
    for call in run.get_tool_calls():
        outputs.add_output(call.get_id(), "rain")
    stream = run.submit_tool_outputs_stream(outputs)
    texts = []
    stream.connect("text-delta", lambda _stream, text, _index: texts.append(text))
    done = stream.run(None)
    assert done.status == "completed" and "".join(texts) == "The tool said: rain"
    assert [message.dup_text() for message in stream.dup_messages()] == ["The tool said: rain"]
    assert len(stream.dup_run_steps()) == 2
    assert [message.dup_text() for message in done.list_messages(None, None)] == ["The tool said: rain"]


@test
def a_time_out_differs_from_a_cancellation(client, mock):
    run = make_run(client, "Hello")
    push(mock, "threads/%s/runs/%s" % (run.get_thread_id(), run.get_id()), {"id": run.get_id(), "status": "queued"})
    try:
        run.wait(60000, 20, None)
        raise AssertionError("the wait ended")
    except GLib.Error as error:
        assert error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.TIMED_OUT)


@test
def the_version_of_assistants_is_a_setting(client, mock):
    assistant = client.assistants.create(Oai.AssistantRequest(model="gpt-4o"), None)
    try:
        assistant.list_files(None, None)
        raise AssertionError("version 2 has files of assistants")
    except GLib.Error as error:
        assert error.matches(Oai.error_quark(), Oai.Error.INVALID_ARGUMENT)
    client.get_settings().set_beta_version("assistants", "v1")
    assert len(list(assistant.list_files(None, None))) == 0
    assert mock.dup_request(-1).get_header("openai-beta") == "assistants=v1"


@test
def a_stream_of_a_record_without_a_client_fails(_client, _mock):
    run = Oai.Record.new_from_json(Oai.Run, '{"id":"run_1","thread_id":"thread_1"}')
    stream = run.submit_tool_outputs_stream(Oai.RunToolOutputsRequest())
    try:
        stream.run(None)
        raise AssertionError("there is no server to ask")
    except GLib.Error as error:
        assert error.matches(Oai.error_quark(), Oai.Error.INVALID_ARGUMENT)


@test
def a_truncated_run_read_by_chunks_fails(client, mock):
    reply = OaiMock.Reply.new_events()
    reply.add_event("thread.run.in_progress", '{"id":"run_1","status":"in_progress"}')
    mock.push_reply(reply)
    chunks = []
    try:
        for chunk in client.threads.create_run_stream("thread_1", Oai.RunRequest(assistant_id="asst_1"), None):
            chunks.append(chunk)
        raise AssertionError("the run is not over")
    except GLib.Error as error:
        assert error.matches(Oai.error_quark(), Oai.Error.INCOMPLETE)
    assert [chunk.event for chunk in chunks] == ["thread.run.in_progress"]


@test
def a_legacy_completion_streams(client, _mock):
    request = Oai.CompletionRequest(model="gpt-3.5-turbo-instruct", prompt="Once upon a time")
    stream = client.completions.create_stream(request)
    texts = []
    stream.connect("text-delta", lambda _stream, text, _choice_index: texts.append(text))
    assert stream.run(None).get_text() == "".join(texts) != ""


if has_await():
    @test
    def methods_are_awaited(client, mock):
        async def main():
            return await client.files.retrieve_async("file-1")

        push(mock, "files/file-1", FILES[0])
        assert run_async(main()).get_id() == "file-1"

    @test
    def async_for_goes_over_all_pages(client, mock):
        async def main():
            page = await client.files.list_async(None)
            return [file.get_id() async for file in page]

        push_files(mock)
        assert run_async(main()) == [file["id"] for file in FILES]

    @test
    def async_for_gets_the_chunks_of_a_stream(client, _mock):
        async def main():
            return [text_of(chunk) async for chunk in stream]

        stream = make_stream(client)
        assert "".join(run_async(main())) == stream.dup_result().get_text() != ""

    @test
    def a_stream_is_awaited(client, _mock):
        async def main():
            return await make_stream(client).run_async()

        assert run_async(main()).get_text()


@test
def embeddings_are_bytes_and_numbers(client, mock):
    request = Oai.EmbeddingRequest.new_for_texts("text-embedding-3-small", ["one", "two"])
    vectors = client.embeddings.create(request, None).dup_vectors()
    numbers = Oai.vector_get_values(vectors[0])
    assert len(vectors) == 2 and len(numbers) == 8 and len(vectors[0].get_data()) == 32
    assert Oai.vector_new(numbers).equal(vectors[0])
    assert json.loads(mock.dup_request(-1).dup_body_text())["encoding_format"] == "base64"
    vector = client.embeddings.embed("text-embedding-3-small", "one", None)
    assert abs(Oai.vector_cosine_similarity(vector, vectors[0]) - 1) < 1e-6
    both = client.embeddings.embed_texts("text-embedding-3-small", ["one", "two"], None)
    assert [vector.get_data() for vector in both] == [vector.get_data() for vector in vectors]
    no_tokens = Oai.EmbeddingRequest(model="text-embedding-3-small")
    no_tokens.add_tokens([])
    assert client.embeddings.embed("text-embedding-3-small", "", None).get_size() > 0
    for embed in (lambda: client.embeddings.embed_texts("text-embedding-3-small", [], None),
                  lambda: client.embeddings.create(no_tokens, None)):
        try:
            embed()
            raise AssertionError("nothing was embedded")
        except GLib.Error as error:
            assert error.matches(Oai.Error.quark(), Oai.Error.INVALID_ARGUMENT)


@test
def a_moderation_is_true_or_false(client, mock):
    assert client.moderations.moderate_text("so much violence", None) is True
    assert client.moderations.moderate_text("I love you", None) is False
    mock.push_reply(OaiMock.Reply.new_json(200, '{"results": []}'))
    try:
        client.moderations.moderate_text("I love you", None)
        raise AssertionError("a reply without a result is none")
    except GLib.Error as error:
        assert error.matches(Oai.Error.quark(), Oai.Error.PROTOCOL)
    request = Oai.ModerationRequest.new_for_text("harassment")
    result = client.moderations.create(request, None).get_results()[0]
    assert result.dup_flagged_categories() == ["harassment"] and result.get_score("harassment") == 0.875


@test
def a_fine_tuning_job_reports_its_events(client, _mock):
    upload = Oai.FileUploadRequest(file=Oai.InputFile.new_for_bytes(GLib.Bytes.new(b"{}"), "a.jsonl"), purpose="fine-tune")
    numbers = Oai.FineTuningHyperparameters(n_epochs=3, batch_size_mode="auto")
    request = Oai.FineTuningJobRequest(model="gpt-4o-mini", training_file=client.files.upload(upload, None).id,
                                       method=Oai.FineTuningMethod.new_for_supervised(numbers))
    job = client.fine_tuning.create(request, None)
    watch = Oai.FineTuningWatch(endpoint=client.fine_tuning, job_id=job.id, interval_ms=1)
    events = []
    statuses = []
    watch.connect("event", lambda _watch, event: events.append(event.message))
    watch.connect("status-changed", lambda _watch, job: statuses.append(job.status))
    done = watch.run(None)
    assert done.is_finished() and statuses == ["queued", "running", "succeeded"] and len(events) == 5
    assert done.retrieve(None).fine_tuned_model == done.fine_tuned_model
    assert [checkpoint.step_number for checkpoint in done.list_checkpoints(None, None)] == [100, 50]


def get_sent(mock):
    return json.loads(mock.dup_request(-1).dup_body_text())


def send(client, mock, request):
    """Returns the request that the server received."""
    endpoints = {Oai.ChatRequest: client.chat, Oai.CompletionRequest: client.completions,
                 Oai.EmbeddingRequest: client.embeddings, Oai.ModerationRequest: client.moderations,
                 Oai.FineTuningJobRequest: client.fine_tuning}
    endpoints[type(request)].create(request, None)
    return get_sent(mock)


def get_error(kind, function, *arguments, **keywords):
    try:
        function(*arguments, **keywords)
    except kind as error:
        return str(error)
    raise AssertionError("no %s" % kind.__name__)


@test
def fields_that_are_assigned_are_sent(client, mock):
    request = Oai.FineTuningJobRequest(model="gpt-4o-mini", training_file="file-1")
    request.suffix = "owl"
    request.seed = 7
    request.method = Oai.FineTuningMethod.new_for_dpo(None)
    request.method.dpo.hyperparameters.n_epochs = 3
    request.metadata = {"a": "b"}
    method = {"type": "dpo", "dpo": {"hyperparameters": {"n_epochs": 3}}}
    push_job = OaiMock.Reply.new_json(200, json.dumps({"id": "ftjob-1", "status": "queued"}))
    mock.push_reply_for("POST", "/fine_tuning/jobs", push_job)
    assert send(client, mock, request) == {"model": "gpt-4o-mini", "training_file": "file-1", "suffix": "owl", "seed": 7,
                                           "method": method, "metadata": {"a": "b"}}
    query = Oai.FileListQuery()
    query.limit = 5
    push(mock, "files", {"object": "list", "data": [], "has_more": False})
    client.files.list(query, None)
    assert mock.dup_request(-1).dup_query_value("limit") == "5"


@test
def properties_are_attributes(client, _mock):
    settings = Oai.Settings()
    settings.base_url = "http://127.0.0.1:1/v1"
    settings.timeout_ms = 5000
    assert settings.get_base_url() == settings.base_url == "http://127.0.0.1:1/v1"
    assert settings.get_timeout_ms() == settings.timeout_ms == 5000
    assert client.settings.max_retries == client.get_settings().get_max_retries()
    file = Oai.InputFile.new_for_bytes(GLib.Bytes.new(b"{}"), "a.jsonl")
    file.filename = "b.jsonl"
    assert file.get_filename() == "b.jsonl" and file.size == 2
    get_error(TypeError, setattr, file, "size", 3)
    get_error(AttributeError, lambda: file.no_such_property)
    watch = Oai.FineTuningWatch()
    watch.interval_ms = 7
    assert watch.get_interval_ms() == 7
    file.note = "an attribute of the program"
    assert file.note == "an attribute of the program"


@test
def texts_between_parts_are_parts(_client, _mock):
    part = Oai.ChatImagePart(image_url={"url": "u"})
    image = part.to_dict()
    parts = [{"type": "text", "text": "Look"}, image]
    assert Oai.ChatMessage(content=["Look", part]).to_dict() == {"content": parts}
    assert Oai.ChatMessage(content=["Look", image]).to_dict() == {"content": parts}
    assert Oai.ChatMessage(content=["Look"]).to_dict() == {"content": parts[:1]}
    assert Oai.ThreadMessageRequest(content=["Look"]).to_dict() == {"content": parts[:1]}
    assert Oai.ModerationRequest(input=["Look", image]).to_dict() == {"input": parts}
    assert Oai.ModerationRequest(input=["a", "b"]).to_dict() == {"input": ["a", "b"]}
    assert Oai.CompletionRequest(prompt=["a", "b"]).to_dict() == {"prompt": ["a", "b"]}
    get_error(TypeError, Oai.ChatRequest, model="m", messages=["Look"])


@test
def files_are_assigned(client, mock):
    upload = Oai.FileUploadRequest()
    upload.file = Oai.InputFile.new_for_bytes(GLib.Bytes.new(b"{}"), "owl.jsonl")
    upload.purpose = "fine-tune"
    client.files.upload(upload, None)
    body = mock.dup_request(-1).dup_body_text()
    assert "owl.jsonl" in body and "fine-tune" in body
    edit = Oai.ImageEditRequest(images=[upload.file], prompt="x")
    edit.image = None
    assert edit.images == [] and "takes a list" in get_error(TypeError, Oai.ImageEditRequest, images=upload.file)


PARTS = [{"type": "text", "text": "Hi"}]
CHOICE = {"type": "function", "function": {"name": "f"}}
TEXT = {"role": "user", "content": "Hi"}
NAMES = [
    (Oai.CompletionRequest, "prompts", ["a", "b"], {"prompt": ["a", "b"]}),
    (Oai.CompletionRequest, "prompts", ("a",), {"prompt": ["a"]}),
    (Oai.CompletionRequest, "prompt_tokens", [1, 2], {"prompt": [1, 2]}),
    (Oai.CompletionRequest, "prompt_token_lists", [[1], [2]], {"prompt": [[1], [2]]}),
    (Oai.CompletionRequest, "prompt_token_lists", "[[1],[2]]", {"prompt": [[1], [2]]}),
    (Oai.CompletionRequest, "prompt", ["a", "b"], {"prompt": ["a", "b"]}),
    (Oai.CompletionRequest, "stop_list", ["a"], {"stop": ["a"]}),
    (Oai.CompletionRequest, "stop", "a", {"stop": "a"}),
    (Oai.CompletionRequest, "logit_bias", {"1": -100}, {"logit_bias": {"1": -100}}),
    (Oai.CompletionRequest, "logit_bias", '{"1": -100}', {"logit_bias": {"1": -100}}),
    (Oai.CompletionRequest, "max_tokens", 5, {"max_tokens": 5}),
    (Oai.CompletionRequest, "max_tokens", None, {}),
    (Oai.CompletionRequest, "echo", True, {"echo": True}),
    (Oai.EmbeddingRequest, "inputs", ["a"], {"input": ["a"]}),
    (Oai.EmbeddingRequest, "tokens", [1], {"input": [1]}),
    (Oai.ModerationRequest, "inputs", ["a"], {"input": ["a"]}),
    (Oai.ModerationRequest, "input_parts", PARTS, {"input": PARTS}),
    (Oai.ChatRequest, "stop_list", ["a"], {"stop": ["a"]}),
    (Oai.ChatRequest, "tool_choice", "auto", {"tool_choice": "auto"}),
    (Oai.ChatRequest, "tool_choice", CHOICE, {"tool_choice": CHOICE}),
    (Oai.ChatRequest, "tool_choice_object", CHOICE, {"tool_choice": CHOICE}),
    (Oai.ChatRequest, "tool_choice_function", "f", {"tool_choice": CHOICE}),
    (Oai.ChatRequest, "messages", [TEXT], {"messages": [TEXT]}),
    (Oai.ChatRequest, "messages", [Oai.ChatMessage(**TEXT), TEXT], {"messages": [TEXT, TEXT]}),
    (Oai.ChatRequest, "messages", [Oai.ChatMessage(role="user", content_parts=PARTS)],
     {"messages": [{"role": "user", "content": PARTS}]}),
    (Oai.ChatRequest, "response_format", Oai.ResponseFormat(type="text"), {"response_format": {"type": "text"}}),
    (Oai.ChatRequest, "tools", [Oai.ChatTool(type="function", function_definition={"name": "f"})],
     {"tools": [{"type": "function", "function": {"name": "f"}}]}),
]


@test
def misspelt_names_are_rejected(_client, _mock):
    settings = Oai.Settings.new()
    for target, name, value, hint in (
            (settings, "time_out_ms", 5, "timeout_ms"), (Oai.CallOptions.new(), "timeouts_ms", 5, "timeout_ms"),
            (Oai.ChatRequest(), "mesages", [TEXT], "messages"), (Oai.ChatMessage(), "contnt", "x", "content")):
        try:
            setattr(target, name, value)
        except AttributeError as error:
            assert name in str(error) and "did you mean %s?" % hint in str(error), error
        else:
            raise AssertionError(name)
    settings.timeout_ms = 5000
    assert settings.timeout_ms == 5000
    request = Oai.ChatRequest()
    request.messages = [TEXT]
    assert request["messages"] == [TEXT]


@test
def names_of_other_libraries_get_a_hint(client, _mock):
    reply = Oai.Record.new_from_json(Oai.ChatCompletion.__gtype__, "{}")
    for target, name, hint in (
            (client.responses, "delete", "delete_response"), (client.responses, "stream", "create_stream or retrieve_stream"),
            (client.responses, "input_items", "list_input_items"), (client.settings, "timeout", "timeout_ms"),
            (client, "respones", "responses"), (reply, "choice", "get_first_choice"), (reply, "modle", "model"),
            (Oai, "ResponseFunctionToolCall", "ResponseFunctionCall"), (Oai, "ResponseOutputMessage", "ResponseMessage"),
            (Oai, "FunctionTool", "ResponseFunctionTool"), (Oai, "ChatReqest", "ChatRequest")):
        error = get_error(AttributeError, getattr, target, name)
        assert name in error and "; did you mean %s" % hint in error, error
    for target, name in ((client, "zzz"), (client.chat, "zzz"), (reply, "zzz"), (Oai, "zzz"), (Oai, "Zzz")):
        assert "did you mean" not in get_error(AttributeError, getattr, target, name)
    assert not hasattr(Oai, "Zzz") and not hasattr(client.chat, "zzz")


@test
def fields_of_a_type_are_listed(_client, _mock):
    fields = {info.get_name(): info for info in Oai.Record.list_fields(Oai.ChatMessage.__gtype__)}
    parts = fields["content-parts"]
    assert (parts.get_member(), parts.get_type_name(), parts.is_alternative(), parts.is_property()) == \
        ("content", "record-list", True, False)
    assert parts.get_item_type() == Oai.ChatContentPart.__gtype__
    assert fields["role"].is_required() and fields["role"].is_writable() and fields["role"].is_property()
    assert Oai.Record.find_type(Oai.ChatContentPart.__gtype__, "text") == Oai.ChatTextPart.__gtype__
    assert Oai.Record.find_type(Oai.ChatContentPart.__gtype__, "new") == Oai.ChatContentPart.__gtype__


@test
def each_name_of_a_field_reaches_its_member(client, mock):
    needed = {Oai.ChatRequest: {"model": "m", "messages": [TEXT]}, Oai.CompletionRequest: {"model": "m", "prompt": "x"},
              Oai.EmbeddingRequest: {"model": "m", "input": "x", "encoding_format": "float"},
              Oai.ModerationRequest: {"model": "m", "input": "x"}}
    for record, name, value, members in NAMES:
        wanted = dict(needed[record], **members)
        head = next((key for key in members if key != name), name)
        given = {key: item for key, item in needed[record].items() if key != head}
        sent = send(client, mock, record(**given, **{name: value}))
        assert sent == wanted, ("keyword", name, value, sent)
        request = record(**needed[record])
        setattr(request, name, value)
        sent = send(client, mock, request)
        assert sent == wanted, ("assigned", name, value, sent)


@test
def each_field_of_each_record_does_what_its_setter_does(_client, _mock):
    from gi.overrides import Oai as additions

    values = ({"a": "b"}, ["a"], [1], "{}", 1, True)
    seen = 0
    for record in (getattr(Oai, name) for name in dir(Oai)):
        if not isinstance(record, type) or not issubclass(record, Oai.Record) or record is Oai.Record:
            continue
        for name in additions._list_fields(record):
            for value in values:
                wanted, assigned = record(), record()
                try:
                    getattr(wanted, "set_type_value" if name == "type" else "set_" + name)(value)
                    setattr(assigned, name, value)
                except TypeError:
                    continue
                made = record(**{name: value})
                assert wanted.to_json() == assigned.to_json() == made.to_json(), (record, name, value)
                setattr(made, name, None)
                assert made.to_json() == record().to_json(), (record, name)
                seen += 1
                break
    assert seen > 300, seen


@test
def alternatives_are_set_by_name(_client, _mock):
    part = {"type": "input_text", "text": "x"}
    assert Oai.GraderMessage(role="user", content_part=part).to_dict() == {"role": "user", "content": part}
    assert Oai.GraderMessage(role="user", content_parts=[part]).to_dict() == {"role": "user", "content": [part]}
    numbers = Oai.FineTuningHyperparameters(n_epochs=3)
    numbers.n_epochs_mode = "auto"
    assert numbers.to_dict() == {"n_epochs": "auto"}
    message = Oai.ChatMessage(role="user", content=None, content_parts=PARTS)
    assert message.to_dict() == {"role": "user", "content": PARTS} and message.content_parts[0].text == "Hi"
    message.content = "Hi"
    assert message.to_dict() == TEXT
    message.content = None
    assert message.to_dict() == {"role": "user"}
    schema = {"type": "object"}
    assert Oai.ResponseFormat(type="json_schema", schema_json=schema).to_dict()["schema"] == schema


@test
def only_fields_are_assigned(client, mock):
    request = Oai.CompletionRequest(model="m")
    assert "did you mean suffix?" in get_error(AttributeError, setattr, request, "sufix", "owl")
    assert "did you mean suffix?" in get_error(TypeError, Oai.CompletionRequest, sufix="owl")
    for name in ("member", "null", "property", "to_json", "stream"):
        assert name in get_error(AttributeError, setattr, request, name, "x")
    for name, value in (("n", "2"), ("n", 1.5), ("user", 3), ("stop_list", "abc"), ("stop_list", ["a", None]),
                        ("stop_list", [1]), ("prompt_tokens", ["a"]), ("prompt_tokens", "a"), ("n", [1])):
        assert "CompletionRequest." + name in get_error(TypeError, setattr, request, name, value)
    assert "not JSON" in get_error(ValueError, setattr, request, "logit_bias", "{")
    assert request.to_dict() == {"model": "m"}
    file = get_file(client, mock)
    for name in ("filename", "anything"):
        assert "cannot be changed" in get_error(AttributeError, setattr, file, name, "x")
    assert "cannot be changed" in get_error(TypeError, Oai.File, filename="x")
    assert "type cannot be changed" in get_error(AttributeError, setattr, Oai.PythonGrader(), "type", "other")


@test
def subclasses_can_define_attributes(_client, _mock):
    class Owl(Oai.Grader):
        wings = 2
        weight = GObject.Property(type=int, default=3)

        def __init__(self, eyes, **fields):
            super().__init__(**fields)
            self._eyes = eyes
            self.wings = 1

        @property
        def eyes(self):
            return self._eyes

        @eyes.setter
        def eyes(self, eyes):
            self._eyes = eyes

    class Tower(Oai.Grader):
        __gproperties__ = {"height": (int, "", "", 0, 9, 1, GObject.ParamFlags.WRITABLE | GObject.ParamFlags.CONSTRUCT_ONLY)}

        def do_set_property(self, pspec, value):
            self._height = value

    assert Tower(height=5)._height == 5
    owl = Owl(4, weight=7)
    assert (owl.eyes, owl.wings, owl.weight) == (4, 1, 7)
    owl.eyes = 6
    owl.weight = 8
    owl.props.weight += 1
    owl._note = "x"
    assert (owl._eyes, owl.weight, owl._note, owl.to_dict()) == (6, 9, "x", {})
    get_error(AttributeError, setattr, owl, "other", 1)


@test
def text_with_nul_is_rejected(_client, _mock):
    request = Oai.CompletionRequest(model="m")
    cut = "ab\0violence"
    for name, value in (("prompt", cut), ("prompts", ["a", cut]), ("prompt", ["a", cut]), ("logit_bias", {cut: 1}),
                        ("stream_options", {"any": [cut]}), ("logit_bias", '{"a": 1}\0')):
        for error in (get_error(ValueError, setattr, request, name, value),
                      get_error(ValueError, Oai.CompletionRequest, **{name: value}),
                      get_error(ValueError, request.__setitem__, name, [cut])):
            assert "U+0000" in error, error
    assert "U+0000" in get_error(ValueError, request.__setitem__, cut, 1)
    assert request.to_dict() == {"model": "m"}


SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}


@test
def text_of_json_can_be_a_dictionary_or_a_list(client, mock):
    tool = Oai.ChatTool.new_function("f", None, SCHEMA, True)
    assert tool["function"]["parameters"] == SCHEMA
    assert Oai.ChatTool.new_function("f", None, parameters_json=SCHEMA, strict=True).to_dict() == tool.to_dict()
    assert Oai.ChatTool.new_function("f", None, json.dumps(SCHEMA), True).to_dict() == tool.to_dict()
    assert Oai.ChatTool.new_function("f", None, None, True)["function"] == {"name": "f", "strict": True}
    definition = Oai.FunctionDefinition.new_with_schema("f", None, SCHEMA, False)
    definition.set_parameters({"type": "object"})
    assert definition["parameters"] == {"type": "object"}
    definition.set_parameters(None)
    assert definition.parameters is None
    request = Oai.ChatRequest(model="m")
    assert request.set_json_schema("city", SCHEMA, True)
    assert request["response_format"]["json_schema"]["schema"] == SCHEMA
    request.set_metadata({"a": "b"})
    request.set_member("stop", ("x", "y"))
    assert request["metadata"] == {"a": "b"} and request.stop_list == ["x", "y"]
    assert Oai.ChatUpdate.new({"a": "b"}).to_dict() == {"metadata": {"a": "b"}}
    assert Oai.ResponseFunctionTool.new_with_schema("f", None, SCHEMA, True)["parameters"] == SCHEMA
    assert Oai.Record.new_from_json(Oai.ChatRequest.__gtype__, request).to_dict() == request.to_dict()
    get_error(TypeError, definition.set_parameters, 5)
    get_error(TypeError, definition.set_name, {})
    assert "U+0000" in get_error(ValueError, definition.set_parameters, {"a": "\0"})


@test
def raw_requests_take_dictionaries(client, mock):
    for _ in range(2):
        mock.push_reply_for("POST", "/things", OaiMock.Reply.new_json(200, "{}"))
    options = Oai.CallOptions.new()
    options.set_body_member("more", {"deep": [1]})
    client.invoke("POST", "things", {"a": [1, None]}, options, None)
    assert json.loads(mock.dup_request(-1).dup_body_text()) == {"a": [1, None], "more": {"deep": [1]}}
    client.invoke("POST", "things", '{"a": 2}', None, None)
    assert json.loads(mock.dup_request(-1).dup_body_text()) == {"a": 2}
    text = client.chat.invoke_by_name("create", {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}, None)
    assert json.loads(text)["object"] == "chat.completion"


class FakeMonitor(GObject.Object, Gio.Initable, Gio.NetworkMonitor):
    network_available = GObject.Property(type=bool, default=False)
    network_metered = GObject.Property(type=bool, default=True)
    connectivity = GObject.Property(type=Gio.NetworkConnectivity, default=Gio.NetworkConnectivity.LOCAL)

    def do_init(self, _cancellable):
        return True


@test
def a_call_without_a_network_fails_at_once(_client, _mock):
    monitor = FakeMonitor()
    client = Oai.Client(api_key="sk-test", base_url="https://api.example.invalid/v1", network_monitor=monitor)
    seen = []
    client.connect("notify::network-available", lambda *_: seen.append(client.network_available))
    assert client.network_available is False and client.network_metered is True
    try:
        client.models.list(None)
        raise AssertionError("The call succeeded.")
    except GLib.Error as error:
        assert error.matches(Oai.error_quark(), Oai.Error.OFFLINE), error.message
    monitor.network_available = True
    assert seen == [True]


def main():
    mock = OaiMock.Server.new()
    mock.set_validating(False)
    mock.start_in_thread()
    failures = 0
    print("1..%d" % len(TESTS))
    for number, function in enumerate(TESTS, 1):
        name = function.__name__.replace("_", "-")
        mock.reset()
        client = Oai.Client.new(Oai.Auth.new("sk-test"), Oai.Settings.new_for_base_url(mock.get_base_url()))
        try:
            function(client, mock)
            print("ok %d %s" % (number, name), flush=True)
        except Exception:
            failures += 1
            print("not ok %d %s" % (number, name))
            print("\n".join("# " + line for line in traceback.format_exc().splitlines()), flush=True)
    mock.stop()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
