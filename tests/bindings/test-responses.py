#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests responses and conversations in Python.  Prints TAP."""

import json
import sys
import traceback

import gi

gi.require_version("Oai", "1")
gi.require_version("OaiMock", "1")
from gi.repository import GLib, Oai, OaiMock  # noqa: E402

TESTS = []
TOOL = {"type": "function", "name": "get_weather", "parameters": {"type": "object"}, "strict": False}
RESPONSE = {"id": "resp_1", "object": "response", "status": "in_progress", "model": "m", "output": []}
MESSAGE = {"type": "message", "id": "msg_1", "role": "assistant", "status": "in_progress", "content": []}
PART = {"type": "output_text", "text": "", "annotations": []}


def test(function):
    TESTS.append(function)
    return function


def get_sent(mock):
    return json.loads(mock.dup_request(-1).dup_body_text())


def get_error(kind, function, *arguments, **keywords):
    try:
        function(*arguments, **keywords)
    except kind as error:
        return error
    raise AssertionError("no %s" % kind.__name__)


def ask(client, text, **fields):
    return client.responses.create(Oai.ResponseRequest(model="m", input=text, **fields))


def push_reply(mock, **members):
    mock.push_reply(OaiMock.Reply.new_json(200, json.dumps({**RESPONSE, "status": "completed", **members})))


def push_events(mock, *last):
    """A text of two deltas, and then the last events."""
    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    events = [{"type": "response.created", "response": RESPONSE},
              {"type": "response.output_item.added", "output_index": 0, "item": MESSAGE},
              {"type": "response.content_part.added", "part": PART, **place},
              {"type": "response.output_text.delta", "delta": "Gla", **place},
              {"type": "response.output_text.delta", "delta": "sgow", **place}, *last]
    reply = OaiMock.Reply.new_events()
    for number, event in enumerate(events):
        reply.add_event(event["type"], json.dumps(dict(event, sequence_number=number)))
    mock.push_reply(reply)


@test
def input_is_a_text_or_a_list_of_items(client, mock):
    user = {"role": "user", "content": "Hi"}
    item = Oai.ResponseMessage(role="user", content="Hi")
    for fields, wanted in (({"input": "Hi"}, "Hi"), ({"input": [user]}, [user]), ({"input_items": [user]}, [user]),
                           ({"input_items": [item, user]}, [item.to_dict(), user]), ({"input": [item]}, [item.to_dict()])):
        client.responses.create(Oai.ResponseRequest(model="m", **fields))
        assert get_sent(mock)["input"] == wanted, get_sent(mock)

    request = Oai.ResponseRequest(model="m")
    request.input_items = [item]
    request.input_items += [user]
    assert [message.get_text() for message in request.input_items] == ["Hi", "Hi"]
    get_error(TypeError, request.input_items.append, item)
    get_error(TypeError, setattr, request, "input_items", "Hi")

    request = Oai.ResponseRequest.new_for_text("m", "Hi")
    request.add_user_message("Ho")
    assert [message.get_text() for message in request.input_items] == ["Hi", "Ho"]


@test
def a_response_that_cannot_be_parsed_is_an_error(client, mock):
    push_reply(mock, output=[dict(MESSAGE, content=[dict(PART, text="{}")])])
    assert client.responses.parse(Oai.ResponseRequest(model="m", input="Hi")).get_output_text() == "{}"
    push_reply(mock, status="incomplete", incomplete_details={"reason": "max_output_tokens"})
    error = get_error(GLib.Error, client.responses.parse, Oai.ResponseRequest(model="m", input="Hi"))
    assert error.matches(Oai.error_quark(), Oai.Error.LENGTH), error
    get_error(GLib.Error, client.responses.parse, Oai.ResponseRequest(model="m", input="Hi", tools=[TOOL]))


@test
def texts_between_parts_are_parts_of_the_input(_client, _mock):
    image = Oai.ResponseInputImage.new_for_url("https://example.org/a.png", None)
    text = {"type": "input_text", "text": "Look"}
    assert Oai.ResponseMessage(role="user", content=["Look", image])["content"] == [text, image.to_dict()]
    output = Oai.ResponseFunctionCallOutput(call_id="call_1", output=["Look", image])
    assert output["output"] == [text, image.to_dict()]
    assert [type(part) for part in output.output_parts] == [Oai.ResponseInputText, Oai.ResponseInputImage]


@test
def options_are_attributes_and_dictionaries(client, mock):
    request = Oai.ResponseRequest(model="m", input="Hi", reasoning={"effort": "low"}, include=[Oai.RESPONSE_INCLUDE_LOGPROBS],
                                  tools=[TOOL, Oai.ResponseWebSearchTool()], metadata={"a": "b"}, store=False)
    request.tool_choice_function = "get_weather"
    request.reasoning.summary = "auto"
    client.responses.create(request)
    sent = get_sent(mock)
    assert (sent["reasoning"], sent["store"], sent["tools"][0]) == ({"effort": "low", "summary": "auto"}, False, TOOL)
    assert sent["tool_choice"] == {"type": "function", "name": "get_weather"}
    assert "did you mean" in str(get_error(TypeError, Oai.ResponseRequest, instruction="Hi"))


@test
def items_of_the_output_are_objects(client, _mock):
    response = ask(client, "Use the tool", tools=[TOOL])
    call = response.output_items[-1]
    assert isinstance(call, Oai.ResponseFunctionCall) and isinstance(call, Oai.ResponseItem)
    assert (call.name, call.status, call["type"]) == ("get_weather", "completed", "function_call")
    assert [found.call_id for found in response.dup_function_calls()] == [call.call_id]

    message = ask(client, "Hello").dup_message()
    assert [part.text for part in message.content_parts] == ["You said: Hello"]
    assert message.get_text() == "You said: Hello"


@test
def the_results_of_functions_continue_a_response(client, _mock):
    request = Oai.ResponseRequest(model="m", input="Use the tool", tools=[TOOL])
    response = client.responses.create(request)
    calls = response.dup_function_calls()
    while calls:
        request.add_output(response)
        for call in calls:
            request.add_function_result(call, "rain")
        response = client.responses.create(request)
        calls = response.dup_function_calls()
    assert response.get_output_text() == "The tool said: rain"


@test
def fields_with_names_of_dictionary_methods_are_both(client, _mock):
    action = Oai.ResponseKeypressAction(keys=["CTRL"])
    assert action.keys == ["CTRL"] and action.keys() == ["type", "keys"]
    action.keys += ["A"]
    assert dict(action) == {"type": "keypress", "keys": ["CTRL", "A"]}
    get_error(TypeError, action.keys.append, "B")

    request = Oai.ConversationItemsRequest(items=[{"type": "message", "role": "user", "content": "Hi"}])
    assert request.items[0].content == "Hi" and request.items() == list(request.to_dict().items())
    added = client.conversations.create().create_items(request, None)
    assert [item.role for item in added.items] == ["user"]
    assert dict(added.items())["has_more"] is False


@test
def an_unknown_field_with_the_name_of_a_member_is_explained(client, _mock):
    response = ask(client, "Hi")
    assert str(get_error(AttributeError, getattr, response, "output")) == "Response has no field output; did you mean output_items?"
    assert str(get_error(AttributeError, getattr, response, "outputs")) == "Response has no field outputs"


@test
def compacted_and_stored_items_are_sent_back(client, mock):
    request = Oai.ResponseRequest(model="m")
    request.add_compacted(client.responses.compact(Oai.ResponseCompactRequest(model="m", input="Hi")))
    for item in ask(client, "Hello").list_input_items():
        request.add_item(item.to_input())
    mock.set_validating(True)
    client.responses.create(request)
    mock.set_validating(False)
    assert [item["type"] for item in get_sent(mock)["input"]] == ["message", "compaction", "message"]
    assert mock.dup_violations() == []


@test
def unknown_items_and_parts_are_kept(client, mock):
    item = {"type": "dream", "id": "d_1", "depth": 3}
    message = dict(MESSAGE, status="completed", content=[{"type": "smell", "of": "rain"}])
    push_reply(mock, output=[item, message])
    request = Oai.ResponseRequest(model="m", input="Hi")
    response = client.responses.create(request)
    dream, scent = response.output_items
    assert (type(dream), dream["depth"], dream.to_dict()) == (Oai.ResponseItem, 3, item)
    assert (type(scent.content_parts[0]), scent.content_parts[0]["of"]) == (Oai.ResponseContent, "rain")

    request.add_output(response)
    client.responses.create(request)
    assert get_sent(mock)["input"][1:] == [item, message]


@test
def a_stream_emits_signals(client, _mock):
    request = Oai.ResponseRequest(model="m", input="Use the tool", tools=[TOOL])
    stream = client.responses.create_stream(request)
    arguments, items = [], []
    stream.connect("function-call-arguments-delta", lambda _stream, text, output_index: arguments.append((output_index, text)))
    stream.connect("item-done", lambda _stream, item, output_index: items.append((output_index, item)))
    response = stream.run()
    call = response.dup_function_calls()[0]
    index = [item.get_id() for item in response.output_items].index(call.id)
    assert {position for position, _text in arguments} == {index}
    assert "".join(text for _position, text in arguments) == call.arguments
    assert items[-1][0] == index and items[-1][1].call_id == call.call_id

    stream = client.responses.create_stream(Oai.ResponseRequest(model="m", input="Hello"))
    texts = []
    stream.connect("output-text-delta", lambda _stream, text, *indexes: texts.append((text, stream.get_text(*indexes))))
    assert stream.run().get_output_text() == "".join(text for text, _whole in texts) == texts[-1][1]


@test
def a_loop_over_a_stream_gets_events(client, mock):
    stream = client.responses.create_stream(Oai.ResponseRequest(model="m", input="Hello"))
    events = list(stream)
    assert isinstance(events[0], Oai.ResponseCreatedEvent) and events[0].response.id
    assert isinstance(events[-1], Oai.ResponseCompletedEvent)
    assert "".join(event.delta for event in events if isinstance(event, Oai.ResponseOutputTextDeltaEvent)) == "You said: Hello"
    assert stream.dup_result().get_output_text() == "You said: Hello"

    push_events(mock, {"type": "response.dream.delta", "depth": 3}, {"type": "response.completed", "response": RESPONSE})
    for event in client.responses.create_stream(Oai.ResponseRequest(model="m", input="Hello")):
        if type(event) is Oai.ResponseEvent:
            assert event.to_dict() == {"type": "response.dream.delta", "depth": 3, "sequence_number": 5}
            break
    else:
        raise AssertionError("no unknown event")


@test
def a_stream_that_fails_keeps_what_has_arrived(client, mock):
    failed = dict(RESPONSE, status="failed", error={"code": "rate_limit_exceeded", "message": "Too fast"})
    incomplete = dict(RESPONSE, status="incomplete", incomplete_details={"reason": "max_output_tokens"})
    for last, code in (([{"type": "response.failed", "response": failed}], Oai.Error.RATE_LIMITED),
                       ([{"type": "response.incomplete", "response": incomplete}], Oai.Error.LENGTH),
                       ([], Oai.Error.INCOMPLETE)):
        push_events(mock, *last)
        stream = client.responses.create_stream(Oai.ResponseRequest(model="m", input="Hello"))
        error = get_error(GLib.Error, stream.run)
        assert error.matches(Oai.error_quark(), code), error
        assert stream.dup_result().get_output_text() == "Glasgow"


@test
def check_raises_the_error_of_a_response(client, mock):
    push_reply(mock)
    assert ask(client, "Hello").check()
    for status, members, code in (("failed", {"error": {"code": "server_error", "message": "Oh"}}, Oai.Error.SERVER),
                                  ("incomplete", {"incomplete_details": {"reason": "content_filter"}}, Oai.Error.CONTENT_FILTER)):
        mock.push_reply(OaiMock.Reply.new_json(200, json.dumps(dict(RESPONSE, status=status, **members))))
        assert get_error(GLib.Error, ask(client, "Hello").check).matches(Oai.error_quark(), code)


@test
def a_server_without_state_is_explained(client, mock):
    mock.push_reply(OaiMock.Reply.new_error(400, "invalid_request_error", None, "llama.cpp does not support 'previous_response_id'."))
    error = get_error(GLib.Error, ask, client, "Hello", previous_response_id="resp_9")
    assert "resp_9" in error.message and "as items" in error.message, error.message


@test
def the_next_turn_follows_in_three_ways(client, mock):
    request = Oai.ResponseRequest(model="m", input="One")
    response = client.responses.create(request)
    request.add_output(response)
    request.add_user_message("Two")
    client.responses.create(request)
    assert [item["role"] for item in get_sent(mock)["input"]] == ["user", "assistant", "user"]

    request.continue_from(response)
    request.add_user_message("Two")
    assert client.responses.create(request).previous_response_id == response.id
    assert [item["content"] for item in get_sent(mock)["input"]] == ["Two"]

    conversation = client.conversations.create()
    for text in ("One", "Two"):
        assert ask(client, text, conversation=conversation.id).conversation.id == conversation.id
    query = Oai.ConversationItemListQuery(limit=1, order="asc")
    items = conversation.list_items(query)
    assert [item.get_text() for item in items] == ["One", "You said: One", "Two", "You said: Two"]
    assert conversation.update(Oai.ConversationUpdate(metadata={"a": "b"})).metadata == '{"a":"b"}'
    assert conversation.delete_conversation().deleted


@test
def a_response_in_the_background_is_awaited(client, _mock):
    response = ask(client, "Hello", background=True)
    assert response.status == Oai.RESPONSE_STATUS_QUEUED
    done = response.wait(1, 10000)
    assert (done.id, done.status, done.get_output_text()) == (response.id, "completed", "You said: Hello")
    assert client.responses.retrieve_stream(done.id).run().get_output_text() == "You said: Hello"
    assert [item.get_text() for item in done.list_input_items()] == ["Hello"]


def run_streams(streams, loop):
    """Runs the streams at the same time; returns their texts or errors."""
    results = {}

    def done(stream, result):
        try:
            results[stream] = stream.run_finish(result).get_output_text()
        except GLib.Error as error:
            results[stream] = error
        if len(results) == len(streams):
            loop.quit()

    for stream in streams:
        stream.run_async(None, done)
    loop.run()
    return [results[stream] for stream in streams]


@test
def a_socket_generates_several_responses(client, mock):
    socket = client.responses.create_socket()
    socket.continue_lanes = True
    assert (socket.continue_lanes, socket.max_streams, socket.state) == (True, 64, Oai.WebSocketState.NEW)
    loop = GLib.MainLoop()
    texts = []

    def make(text, lane=None, **fields):
        stream = socket.create_stream(Oai.ResponseRequest(model="m", input=text, **fields), lane)
        stream.connect("output-text-delta", lambda _stream, delta, *_indexes: texts.append(delta))
        return stream

    assert run_streams([make("One")], loop) == ["You said: One"]
    assert "".join(texts) == "You said: One"
    assert run_streams([make("Two"), make("Three", "other")], loop) == ["You said: Two", "You said: Three"]

    failed, told = run_streams([make("Four", previous_response_id="resp_9"), make("Five", "other")], loop)
    assert isinstance(failed, GLib.Error) and "resp_9" in failed.message, failed
    assert told == "You said: Five"
    assert socket.get_last_response_id("other")
    assert mock.get_n_connections() == 1

    def closed(socket, result):
        assert socket.close_finish(result)
        loop.quit()

    socket.close_async(1000, None, None, closed)
    loop.run()
    assert socket.state == Oai.WebSocketState.CLOSED


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


if has_await():
    @test
    def responses_are_awaited(client, _mock):
        async def run():
            request = Oai.ResponseRequest(model="m", input="Hello")
            assert (await client.responses.create_async(request)).get_output_text() == "You said: Hello"
            texts = [event.delta async for event in client.responses.create_stream(request)
                     if isinstance(event, Oai.ResponseOutputTextDeltaEvent)]
            assert "".join(texts) == "You said: Hello"
            socket = client.responses.create_socket()
            assert (await socket.create_stream(request, None).run_async()).get_output_text() == "You said: Hello"
            await socket.close_async(1000, None)

        run_async(run())


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
