#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Requests that a server refuses because of a member are repaired, and profiles are set.  Prints TAP."""

import json
import sys
import traceback

import gi

gi.require_version("Oai", "1")
gi.require_version("OaiMock", "1")
from gi.repository import GLib, Oai, OaiMock  # noqa: E402

MISTRAL = {"object": "error", "type": "invalid_request_error", "param": None, "code": None,
           "message": {"detail": [{"type": "extra_forbidden", "loc": ["body", "max_completion_tokens"],
                                   "msg": "Extra inputs are not permitted", "input": 64}]}}


def get_sent(mock, index):
    return json.loads(mock.dup_request(index).dup_body_text())


def new_request():
    request = Oai.ChatRequest(model="m", max_completion_tokens=64)
    request.add_user_message("Hello")
    return request


def a_refused_request_is_repaired_and_remembered(mock, client):
    seen = []

    def on_started(_client, call):
        call.connect("notify::adaptations", lambda call, _property: seen.append(call.props.adaptations))

    client.connect("call-started", on_started)
    mock.push_reply(OaiMock.Reply.new_json(422, json.dumps(MISTRAL)))
    completion = client.chat.create(new_request(), None)
    call = completion.get_call()
    assert call.get_adaptations() == ["max_completion_tokens"], call.get_adaptations()
    assert seen == [["max_completion_tokens"]], seen
    assert call.get_n_attempts() == 2 and mock.get_n_requests() == 2
    assert get_sent(mock, 0)["max_completion_tokens"] == get_sent(mock, 1)["max_tokens"] == 64

    call = client.chat.create(new_request(), None).get_call()
    assert call.get_adaptations() == ["max_completion_tokens"] and call.get_n_attempts() == 1
    assert "max_completion_tokens" not in get_sent(mock, 2)


def responses_and_streams_are_repaired(mock, client):
    request = Oai.ResponseRequest.new_from_json(json.dumps({
        "model": "m", "input": [{"role": "developer", "content": "Be brief."}, {"role": "user", "content": "Hello"}],
        "text": {"format": {"type": "json_schema", "name": "x", "strict": True, "schema": {"type": "object"}}}}))
    mock.push_reply(OaiMock.Reply.new_error(400, "invalid_request_error", None,
                                            "unknown field `strict`; messages[0].role: unknown variant `developer`"))
    call = client.responses.create(request, None).get_call()
    assert call.get_adaptations() == ["developer", "strict"], call.get_adaptations()
    assert get_sent(mock, 1)["input"][0]["role"] == "system"
    assert "strict" not in get_sent(mock, 1)["text"]["format"]
    result = client.responses.create_stream(request).run(None)
    assert result.get_call().get_n_attempts() == 1
    assert get_sent(mock, 2)["input"][0]["role"] == "system" and get_sent(mock, 2)["stream"]


def it_can_be_turned_off(mock, client):
    assert client.settings.props.adapt_requests
    client.settings.props.adapt_requests = False
    mock.push_reply(OaiMock.Reply.new_json(422, json.dumps(MISTRAL)))
    try:
        client.chat.create(new_request(), None)
    except GLib.Error as error:
        assert "Extra inputs are not permitted" in error.message
        assert client.find_call_for_error(error).get_adaptations() == []
    else:
        raise AssertionError("no error")
    assert mock.get_n_requests() == 1


def a_profile_changes_requests(mock, client):
    profile = Oai.ServerProfile.new_from_text("[Mine]\nadaptations=max_completion_tokens;developer;\ndrop=logprobs;\n", None)
    client.settings.set_server_profile(profile)
    assert client.settings.dup_server_profile() == profile and profile.get_name() == "Mine"
    request = new_request()
    request.add_developer_message("Be brief.")
    request.props.logprobs = True
    call = client.chat.create(request, None).get_call()
    assert call.get_adaptations() == ["Mine", "max_completion_tokens", "developer"], call.get_adaptations()
    sent = get_sent(mock, 0)
    assert "logprobs" not in sent and sent["max_tokens"] == 64
    assert sent["messages"][1]["role"] == "system"


def a_misspelled_profile_is_an_error(_mock, _client):
    for text in ("[Mine]\ndorp=logprobs", "[Mine]\nadaptations=none", "[Mine]\ndrop=a..b", "no key file"):
        try:
            Oai.ServerProfile.new_from_text(text, None)
        except GLib.Error:
            continue
        raise AssertionError(text)


def a_profile_says_whether_a_server_requires_a_key(mock, client):
    assert Oai.ServerProfile.find_for_base_url("https://api.openai.com/v1").get_key_requirement() == Oai.KeyRequirement.REQUIRED
    assert Oai.ServerProfile.find_for_base_url("http://localhost:8080/v1") is None
    profile = Oai.ServerProfile.new_from_text("[x]\nkey=none\nlacks=audio.*;\n", None)
    assert profile.props.key_requirement == Oai.KeyRequirement.NONE
    assert profile.has_operation("chat.create") and not profile.has_operation("audio.create_speech")

    client.settings.set_server_profile(Oai.ServerProfile.new_from_text("[Mine]\nlacks=chat.*;\n", None))
    try:
        client.chat.create(new_request(), None)
        raise AssertionError("the call has succeeded")
    except GLib.Error as error:
        assert error.matches(Oai.error_quark(), Oai.Error.NOT_FOUND) and "Mine" in error.message, error
    assert mock.get_n_requests() == 0


def a_refusal_in_a_stream_is_repaired(mock, client):
    error = {"error": {"message": "Unknown parameter: 'max_completion_tokens'."}}
    mock.push_reply(OaiMock.Reply.new_text(200, "text/event-stream", "event: error\ndata: %s\n\n" % json.dumps(error)))
    result = client.chat.create_stream(new_request()).run(None)
    assert result.get_call().get_adaptations() == ["max_completion_tokens"] and mock.get_n_requests() == 2


def models_describe_themselves(mock, client):
    model = {"id": "m", "context_length": 8192, "architecture": {"input_modalities": ["text", "image"]}, "supported_parameters": ["tools"],
             "pricing": {"prompt": "0.000001", "completion": "0.000002"}}
    mock.push_reply(OaiMock.Reply.new_json(200, json.dumps({"data": [model, {"id": "n"}]})))
    known, unknown = client.models.list()
    prices = Oai.PriceTable()
    assert known.get_context_length() == 8192 and unknown.get_context_length() == 0
    assert known.dup_input_modalities() == ["text", "image"] and unknown.dup_input_modalities() == []
    assert known.dup_features() == ["tools"] and known.has_feature("tools") and not unknown.has_feature("tools")
    assert prices.add_model(known) and not prices.add_model(unknown)
    assert abs(prices.get_cost("m", 1000000, 0, 1000000) - 3) < 1e-9 and prices.get_cost("n", 1, 0, 1) == -1


TESTS = [a_refused_request_is_repaired_and_remembered, responses_and_streams_are_repaired, it_can_be_turned_off, a_profile_changes_requests,
         a_misspelled_profile_is_an_error,
         a_profile_says_whether_a_server_requires_a_key, a_refusal_in_a_stream_is_repaired, models_describe_themselves]


def main():
    failed = 0
    print("1..%d" % len(TESTS))
    for number, test in enumerate(TESTS, 1):
        mock = OaiMock.Server()
        mock.start_in_thread()
        try:
            test(mock, Oai.Client(api_key="sk-test", base_url=mock.get_base_url()))
            result = "ok"
        except Exception:
            traceback.print_exc()
            result = "not ok"
            failed += 1
        finally:
            mock.stop()
        print("%s %d %s" % (result, number, test.__name__.replace("_", " ")), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
