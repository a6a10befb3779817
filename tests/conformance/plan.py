# SPDX-License-Identifier: LGPL-2.1-or-later
"""How each fixture is played: which entry of the driver, against which server."""

import base64
import copy
import json
import os
import re
import urllib.parse

import compare
import origins

HERE = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(HERE, "operations.json"), encoding="utf-8") as file:
    OPERATIONS = json.load(file)


class NotCovered(Exception):
    pass


class Play:
    """One run of the driver: what it is told, and what the servers around it are."""

    def __init__(self, fixture, play, server="replay", **members):
        self.fixture = fixture
        self.server = server
        raw = fixture.get("input") or ""
        data = base64.b64decode(raw) if fixture.get("input_encoding") == "base64" else raw.encode("utf-8")
        self.payload = {
            "play": play,
            "call": fixture.get("call") or {},
            "client": copy.deepcopy(fixture.get("client") or {}),
            "server": fixture.get("server") or [],
            "input_b64": base64.b64encode(data).decode(),
        }
        self.payload.update(members)
        self.environment = (fixture.get("client") or {}).get("env")


def call_of(fixture):
    return fixture.get("call") or {}


def find_operation(op):
    if op not in OPERATIONS:
        raise NotCovered("no operation stands for %s" % op)
    return OPERATIONS[op]


def arguments_of(fixture):
    call = call_of(fixture)
    arguments = dict(call.get("path_params") or {})
    arguments.update(call.get("request_json") or {})
    return arguments


def pure(name):
    return lambda fixture: [Play(fixture, name, server=None)]


def plan_request(fixture):
    call = call_of(fixture)
    if "body_stream_chunks" in call:
        raise NotCovered("requests by path take their body as text, not as a stream")
    if "idempotency_header" in (fixture.get("client") or {}):
        raise NotCovered("there are no idempotency keys; OpenAI's own clients do not send them either")
    if "workload_identity" in (fixture.get("client") or {}):
        raise NotCovered("no workload identity")
    return [Play(fixture, "request")]


def plan_operation(fixture, play="operation"):
    call = call_of(fixture)
    return [Play(fixture, play, operation=find_operation(call["op"]), arguments=arguments_of(fixture))]


def plan_client(fixture):
    if "workload_identity" in (fixture.get("client") or {}):
        raise NotCovered("no workload identity")
    return [Play(fixture, "new_client", server=None)]


def plan_any(fixture):
    call = call_of(fixture)
    op = call.get("op")
    if op == "request":
        return plan_request(fixture)
    if op == "new_client":
        return plan_client(fixture)
    if op in ("with_options", "set_then_with_options"):
        return [Play(fixture, "with_options", server=None)]
    if call.get("function") == "build_url":
        if "default_base_url" in call:
            raise NotCovered("no base URL of a single call")
        return [Play(fixture, "build_url", server=None)]
    if op is None:
        raise NotCovered("a class of errors that is made without a server")
    if call.get("mode") == "page":
        return plan_operation(fixture, "page")
    return plan_operation(fixture)


def plan_retry(fixture):
    if call_of(fixture)["op"] == "request":
        return plan_request(fixture)
    plays = plan_operation(fixture, "call")
    # The sources patched the backoff; it is capped here.
    plays[0].payload["client"]["max_retry_delay_ms"] = 50
    return plays


def plan_region(fixture):
    return [Play(fixture, "region", server=None)]


def plan_stream(fixture):
    return plan_operation(fixture, "stream")


def plan_chat_stream(fixture):
    play = Play(fixture, "chat_stream", operation="chat.create", arguments=call_of(fixture).get("request_json"))
    # Some streams are replayed without a request.
    if play.payload["arguments"] is None:
        play.payload["arguments"] = {"model": "gpt-test", "messages": []}
    return [play]


def plan_endpoint(fixture):
    arguments = json.loads(fixture["input"])
    operation = find_operation(call_of(fixture)["op"])
    if isinstance(operation, list):
        operation = operation["multipart" not in fixture["expected"]]
    if operation.startswith("driver."):
        raise NotCovered("no operation stands for %s" % call_of(fixture)["op"])
    plays = [Play(fixture, "operation", operation=operation, arguments=arguments)]
    if "multipart" not in fixture["expected"]:
        plays.append(Play(fixture, "call", operation=operation, arguments=arguments))
    return plays


def plan_multipart(fixture):
    call = call_of(fixture)
    if call.get("function") == "encode_form":
        return [Play(fixture, "encode_form", server=None)]
    arguments = dict(call.get("path_params") or {})
    arguments.update(json.loads(fixture["input"]))
    # What is a file is said by the types of members, not by their paths.
    operation = "driver.send_form" if call.get("function") == "extract_files" else find_operation(call["op"])
    play = Play(fixture, "operation", operation=operation, arguments=arguments)
    play.payload["call"] = {}
    fixture = dict(fixture, server=[{"status": 200, "headers": {"content-type": "application/json"}, "body": '{"id": "file-1"}'}])
    play.fixture = fixture
    return [play]


def plan_page(fixture):
    call = call_of(fixture)
    members = {"operation": "driver.list", "arguments": call.get("query") or {}}
    if "items" in fixture["expected"]:
        members["iterate"] = True
    play = Play(fixture, "page", **members)
    play.payload["call"] = {}
    play.payload["client"]["max_retries"] = 0
    return [play]


FORMS = {
    "/audio/transcriptions": ("audio.transcribe", {"file": {"$text": "sound", "filename": "a.wav"}}),
    "/audio/translations": ("audio.translate", {"file": {"$text": "sound", "filename": "a.wav"}}),
    "/images/edits": ("images.edit", {"image": {"$text": "pixels", "filename": "a.png"}, "prompt": "edit this image"}),
}


def find_model(fixture, call):
    """The sources send the model in a form, which the fixtures leave out."""
    match = re.search(r"/deployments/([^/]*)/", fixture["expected"].get("url", ""))
    own = fixture["client"]["azure"].get("deployment")
    return urllib.parse.unquote(match[1]) if match and not own and call["path"] in FORMS else None


def plan_azure_url(fixture):
    call = json.loads(fixture["input"])
    if "realtime_model" in call:
        raise NotCovered("no realtime connections")
    model = find_model(fixture, call)
    if model is not None and "model" not in call["body"]:
        operation, arguments = FORMS[call["path"]]
        play = Play(fixture, "operation", server="origins", operation=operation, arguments=dict(arguments, model=model))
    else:
        play = Play(fixture, "request", server="origins", call={
            "method": call["method"], "path": origins.to_plain(call["path"]), "request_json": call["body"],
        })
    client = play.payload["client"]
    azure = client["azure"]
    for holder, name in ((azure, "base_url"), (azure, "azure_endpoint"), (client, "set_base_url")):
        if name in holder:
            holder[name] = origins.to_plain(holder[name])
    # The fixtures do not keep what the client was given: it is what must arrive.
    for name, value in (fixture["expected"].get("headers") or {}).items():
        if name == "api-key":
            azure["api_key"] = value
        elif name != "authorization":
            client.setdefault("default_headers", {})[name] = value
    return [play]


def plan_azure_auth(fixture):
    azure = fixture["client"]["azure"]
    if len([name for name in azure if name in ("api_key", "azure_ad_token", "azure_ad_token_provider") and azure[name]]) > 1:
        raise NotCovered("a client has one OaiAuth, which holds one credential: the conflict cannot be written down")
    if "steps" in call_of(fixture):
        return [Play(fixture, "steps")]
    return plan_operation(fixture)


def plan_azure_redirect(fixture):
    call = dict(call_of(fixture))
    if call["op"] == "request":
        play = Play(fixture, "request", server="origins")
    else:
        play = Play(fixture, "operation", server="origins", operation=find_operation(call["op"]), arguments={})
    azure = play.payload["client"]["azure"]
    azure["azure_endpoint"] = origins.to_plain(azure["azure_endpoint"])
    return [play]


def plan_audio(fixture):
    call = call_of(fixture)
    arguments = {"model": "whisper-1", "response_format": call["response_format"], "file": {"$text": "sound", "filename": "a.wav"}}
    return [Play(fixture, "operation", operation=find_operation(call["op"]), arguments=arguments)]


def plan_embeddings(fixture):
    """Without a format, vectors are wanted: a helper makes them of whatever the server sends."""
    if not call_of(fixture)["request_json"].get("encoding_format"):
        return plan_operation(fixture, "embed")
    return plan_operation(fixture)


def plan_polling(fixture):
    call = call_of(fixture)
    if call["op"] != "files.wait_for_processing":
        operation = "store_batch" if "batches" in call["op"] else "store_file"
        # The SDKs' own defaults differ.
        interval = 1000 if "python" in fixture["applies_to"] else 5000
        return [Play(fixture, "poll", operation=operation, default_interval_ms=interval)]
    times = {name + "_ms": int(call[name + "_s"] * 1000) for name in ("max_wait", "poll_interval") if name + "_s" in call}
    play = Play(fixture, "wait")
    play.payload["call"] = dict(call, **times)
    return [play]


KINDS = {
    "sse_decode": pure("sse_decode"),
    "delta_accumulate": pure("accumulate_delta"),
    "partial_json": pure("partial_parse"),
    "path_template": pure("path_template"),
    "querystring": pure("querystring"),
    "retry_delay": pure("calculate_retry_delay"),
    "retry_decision": pure("should_retry"),
    "error_map": plan_any,
    "json_response": plan_any,
    "auth": plan_any,
    "client_options": plan_any,
    "data_residency": plan_region,
    "retry": plan_retry,
    "sse_stream": plan_stream,
    "chat_stream": plan_chat_stream,
    "assistants_stream": lambda fixture: plan_operation(fixture, "run_stream"),
    "endpoint_request": plan_endpoint,
    "multipart": plan_multipart,
    "pagination": plan_page,
    "azure_url": plan_azure_url,
    "azure_auth": plan_azure_auth,
    "azure_redirect": plan_azure_redirect,
    "audio_format": plan_audio,
    "embeddings": plan_embeddings,
    "polling": plan_polling,
}


def plan(fixture):
    """The plays of a fixture, all of which must do as expected."""
    kind = KINDS.get(fixture["kind"])
    if kind is None:
        raise NotCovered("nothing in the library yet")
    return kind(fixture)


# What a play of each kind is compared with

def compare_endpoint(fixture, expected, answer, log):
    """The request is all that counts: what is answered is not a reply of the API."""
    compare.require("unknown" not in answer, "driver", "an answer", answer)
    if expected.get("refused"):
        compare.require(not log, "number of requests", 0, len(log))
        compare.require((answer.get("error") or {}).get("class") == "invalid-argument", "error", "invalid-argument", answer.get("error"))
        return
    compare.require(len(log) == 1, "number of requests", 1, "%d (%s)" % (len(log), answer.get("error")))
    compare.check_request(dict(expected, path="/v1" + expected["path"]), log[0], fixture)


def compare_azure_url(fixture, expected, answer, log):
    """The SDKs' "base_url" holds the deployment; ours are kept apart, and joined in the URL."""
    rest = {name: value for name, value in expected.items() if name not in ("url", "headers", "base_url")}
    if "url" in expected:
        compare.require(log, "request", expected["url"], answer.get("error"))
        compare.check_url(expected["url"], log[0]["url"])
        compare.check_request({"headers": expected.get("headers") or {}}, log[0], fixture)
    compare.compare(fixture, rest, answer, log)


def compare_azure_redirect(fixture, expected, answer, log):
    if "n_requests" in expected:
        compare.require(len(log) == expected["n_requests"], "number of requests", expected["n_requests"], "%d (%s)" % (len(log), answer.get("error")))
        keeps = expected["second_request_keeps_credentials"]
        for name in expected["headers"]:
            compare.require(name in log[0]["headers"], "first request, header %s" % name, "any", None)
            compare.require((name in log[1]["headers"]) == keeps, "second request, header %s" % name, keeps, not keeps)
    if "status" in expected:
        compare.require(answer["call"]["status"] == expected["status"], "status", expected["status"], answer["call"]["status"])
        actual = ["api-key" in request["headers"] for request in log]
        compare.require(actual == expected["api_key_present_per_request"], "api-key", expected["api_key_present_per_request"], actual)


def compare_audio(fixture, expected, answer, log):
    compare.require(expected["result_type"] == "str", "result type", "str", expected["result_type"])
    compare.require(answer.get("result", {}).get("text") == expected["text"], "text", expected["text"], answer.get("result") or answer.get("error"))


def flatten(value, name=""):
    """The fields of a form that hold value."""
    if isinstance(value, dict):
        return [part for member in value for part in flatten(value[member], "%s[%s]" % (name, member) if name else member)]
    return [{"name": name, "text": value}]


def compare_multipart(fixture, expected, answer, log):
    if "files" in expected:
        files = [{"name": name, "filename": "upload", "text": text} for name, text in expected["files"]]
        expected = {"parts": files + flatten(expected["remaining"])}
    compare.compare(fixture, expected, answer, log)


COMPARERS = {
    "endpoint_request": compare_endpoint,
    "azure_url": compare_azure_url,
    "azure_redirect": compare_azure_redirect,
    "audio_format": compare_audio,
    "multipart": compare_multipart,
}


def compare_play(fixture, expected, answer, log):
    COMPARERS.get(fixture["kind"], compare.compare)(fixture, expected, answer, log)
