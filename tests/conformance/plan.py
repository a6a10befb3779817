# SPDX-License-Identifier: LGPL-2.1-or-later
"""Selects for each fixture the entry of the driver and the server."""

import base64
import copy
import json
import os
import re
import urllib.parse

import compare
import origins
import sockets
from compare import UnknownShape

HERE = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(HERE, "operations.json"), encoding="utf-8") as file:
    OPERATIONS = json.load(file)


class NotCovered(Exception):
    """Features that the library or its driver does not have."""


# Shapes: the members that a fixture can contain, so that none is skipped or misinterpreted

KNOWN_OF_FIXTURE = {
    "name", "kind", "source", "also", "applies_to", "tier", "replayed_with_openai_python", "replayed_with_openai_node",
    "input_encoding", "input", "server", "client", "call", "expected", "notes",
}
KNOWN_OF_REPLY = {"status": int, "headers": dict, "body": (str, dict), "chunks_b64": list, "drop_connection": bool, "hang": bool,
                  "delay_ms": (int, float), "repeat": bool, "route": str}
KNOWN_OF_CLIENT = {"api_key": (str, dict), "admin_api_key": str, "base_url": str, "max_retries": int, "timeout_ms": (int, float),
                   "timeout_s": (int, float, str), "default_headers": dict, "default_query": dict, "organization": str, "project": str,
                   "azure": dict, "env": dict, "set_base_url": str, "idempotency_header": str, "workload_identity": (str, dict),
                   "webhook_secret": str, "data_residency": (str, int)}
KNOWN_OF_AZURE = {"azure_endpoint": str, "base_url": str, "api_version": str, "deployment": str, "azure_deployment": str, "auth": str,
                  "api_key": str, "azure_ad_token": str, "azure_ad_token_provider": dict, "enforce_credentials": bool,
                  "default_headers": dict, "default_query": dict}
KNOWN_OF_CALL = {"op": str, "function": str, "mode": str, "method": str, "path": str, "path_params": dict, "request_json": None,
                 "request_headers": dict, "extra_headers": dict, "query": dict, "body_bytes": str, "body_stream_chunks": list, "options": dict,
                 "set": dict, "then": dict, "steps": list, "security": str, "cancelled_before_start": bool, "default_base_url": str,
                 "array_format": str, "nested_format": str, "page_style": str, "response_format": str, "strip_filenames": bool, "paths": list,
                 "max_retries": int, "remaining_retries": int, "now": (int, float), "status": int, "clock": dict, "max_wait_ms": int,
                 "max_wait_s": (int, float), "poll_interval_ms": int, "poll_interval_s": (int, float), "tool_results_by_call_id": dict,
                 "generate": dict}
KNOWN_OF_CHANGES = {"base_url": str, "max_retries": int, "timeout_ms": (int, float), "default_headers": dict, "default_query": dict,
                    "organization": str, "project": str}
MODES = {"json", "stream", "stream_helper", "page", "parse", "run_tools", "raw_chunks+accumulator"}
TIERS = {"core", "hardening", "divergent"}


def check_types(what, value, known):
    if value is None:
        return
    if not isinstance(value, dict):
        raise UnknownShape("%s is of type %s" % (what, type(value).__name__))
    for name, member in value.items():
        if name not in known:
            raise UnknownShape("%s.%s" % (what, name))
        kind = known[name] if isinstance(known, dict) else None
        if member is not None and kind is not None and (not isinstance(member, kind) or (isinstance(member, bool) and kind is not bool)):
            raise UnknownShape("%s.%s is of type %s" % (what, name, type(member).__name__))


def check_texts(what, value, null=False):
    for name, member in (value or {}).items():
        if not isinstance(member, str) and not (null and member is None):
            raise UnknownShape("%s.%s is of type %s" % (what, name, type(member).__name__))


def check_provider(what, value):
    """A callback that returns tokens, or fails."""
    if not isinstance(value, dict):
        return
    check_types(what, value, {"provider_returns": list, "provider_error": str})
    tokens = value.get("provider_returns")
    if value.get("provider_error") is None and not tokens or any(not isinstance(token, str) for token in tokens or []):
        raise UnknownShape(what + ".provider_returns")


def check_server(server):
    if server is None:
        return
    if not isinstance(server, list):
        raise UnknownShape("server is of type %s" % type(server).__name__)
    for reply in server:
        if not isinstance(reply, dict):
            raise UnknownShape("server has a reply of type %s" % type(reply).__name__)
        check_types("server", reply, KNOWN_OF_REPLY)
        check_texts("server.headers", reply.get("headers"))
        if not compare.list_of(compare.is_base64)(reply.get("chunks_b64") or []):
            raise UnknownShape("server.chunks_b64")
        if isinstance(reply.get("body"), dict) and reply["body"] != {"$ref": "input"}:
            raise UnknownShape("server.body %s" % compare.short(reply["body"]))
        if "status" not in reply and not reply.get("drop_connection") and not reply.get("hang"):
            raise UnknownShape("server has a reply without a status")


def check_client(client):
    check_types("client", client, KNOWN_OF_CLIENT)
    client = client or {}
    check_provider("client.api_key", client.get("api_key"))
    check_types("client.azure", client.get("azure"), KNOWN_OF_AZURE)
    azure = client.get("azure") or {}
    check_provider("client.azure.azure_ad_token_provider", azure.get("azure_ad_token_provider"))
    if azure.get("auth") not in (None, "api_key", "token_provider"):
        raise UnknownShape("client.azure.auth %s" % azure["auth"])
    for what, holder in (("client", client), ("client.azure", azure)):
        check_texts(what + ".default_headers", holder.get("default_headers"), null=True)
        check_texts(what + ".default_query", holder.get("default_query"))
    check_texts("client.env", client.get("env"), null=True)


def input_bytes(fixture):
    raw = fixture.get("input")
    if raw is None:
        return b""
    if not isinstance(raw, str):
        raise UnknownShape("input is of type %s" % type(raw).__name__)
    encoding = fixture.get("input_encoding") or "utf-8"
    if encoding not in ("utf-8", "base64"):
        raise UnknownShape("input_encoding %s" % compare.short(encoding))
    try:
        return base64.b64decode(raw, validate=True) if encoding == "base64" else raw.encode("utf-8", "surrogatepass")
    except ValueError as error:
        raise UnknownShape("input that is no %s" % encoding) from error


def input_json(fixture, kind=dict):
    try:
        value = json.loads(input_bytes(fixture))
    except ValueError as error:
        raise UnknownShape("input that is no JSON") from error
    if not isinstance(value, kind):
        raise UnknownShape("input is of type %s" % type(value).__name__)
    return value


def check_fixture(fixture):
    """Checks the members that all kinds have; raises UnknownShape."""
    check_types("fixture", fixture, KNOWN_OF_FIXTURE)
    for name in ("name", "kind"):
        if not isinstance(fixture.get(name), str):
            raise UnknownShape("%s is of type %s" % (name, type(fixture.get(name)).__name__))
    if not isinstance(fixture.get("tier"), str) or fixture["tier"] not in TIERS:
        raise UnknownShape("tier %s" % compare.short(fixture.get("tier")))
    if not isinstance(fixture.get("applies_to") or [], list):
        raise UnknownShape("applies_to is of type %s" % type(fixture["applies_to"]).__name__)
    if not isinstance(fixture.get("expected"), dict):
        raise UnknownShape("expected is of type %s" % type(fixture.get("expected")).__name__)


def check_played(fixture):
    """Checks the members for the driver; raises UnknownShape."""
    input_bytes(fixture)
    check_server(fixture.get("server"))
    check_client(fixture.get("client"))
    call = fixture.get("call")
    check_types("call", call, KNOWN_OF_CALL)
    call = call or {}
    if call.get("mode") is not None and call["mode"] not in MODES:
        raise UnknownShape("call.mode %s" % call["mode"])
    check_texts("call.extra_headers", call.get("extra_headers"), null=True)
    check_types("call.options", call.get("options"), {"follow_redirects": bool, "idempotency_key": str, "max_retries": int, "timeout_ms": int,
                                                      "base_url": str, "default_headers": dict, "default_query": dict})


class Play:
    """One run of the driver: its input, and the servers."""

    def __init__(self, fixture, play, server="replay", **members):
        self.fixture = fixture
        self.server = server
        self.payload = {
            "play": play,
            "call": fixture.get("call") or {},
            "client": copy.deepcopy(fixture.get("client") or {}),
            "server": fixture.get("server") or [],
            "input_b64": base64.b64encode(input_bytes(fixture)).decode(),
        }
        self.payload.update(members)
        self.environment = (fixture.get("client") or {}).get("env")


def call_of(fixture):
    return fixture.get("call") or {}


def need(holder, name, kind=str):
    """A required member."""
    value = holder.get(name)
    if not isinstance(value, kind):
        raise UnknownShape("%s is of type %s" % (name, type(value).__name__))
    return value


def find_operation(op):
    if not isinstance(op, str):
        raise UnknownShape("call.op is of type %s" % type(op).__name__)
    if op not in OPERATIONS:
        raise NotCovered("no operation stands for %s" % op)
    return OPERATIONS[op]


def arguments_of(fixture):
    call = call_of(fixture)
    arguments = dict(call.get("path_params") or {})
    body = call.get("request_json")
    if body is not None and not isinstance(body, dict):
        raise UnknownShape("call.request_json is of type %s" % type(body).__name__)
    arguments.update(body or {})
    return arguments


def pure(name, json_input=True):
    def plan_pure(fixture):
        function = call_of(fixture).get("function", name)
        if function != name:
            raise UnknownShape("call.function %s" % function)
        if json_input:
            input_json(fixture)
        return [Play(fixture, name, server=None)]
    return plan_pure


def plan_strict_schema(fixture):
    function = need(call_of(fixture), "function")
    if function not in ("toStrictJsonSchema", "to_strict_json_schema"):
        raise UnknownShape("call.function %s" % function)
    input_json(fixture)
    return [Play(fixture, function, server=None)]


def plan_sse_decode(fixture):
    replies = fixture.get("server") or []
    if call_of(fixture).get("generate") is not None:
        raise UnknownShape("call.generate")
    if len(replies) != 1 or (replies[0].get("chunks_b64") is None and replies[0].get("body") != {"$ref": "input"}):
        raise UnknownShape("server is not one reply with chunks or the input")
    return [Play(fixture, "sse_decode", server=None)]


def plan_accumulate(fixture):
    value = input_json(fixture)
    for name in ("accumulated", "delta"):
        need(value, name, dict)
    return pure("accumulate_delta")(fixture)


def plan_path_template(fixture):
    value = input_json(fixture)
    need(value, "template")
    need(value, "params", dict)
    return pure("path_template")(fixture)


def plan_query(fixture):
    call = call_of(fixture)
    if call.get("array_format", "brackets") not in ("brackets", "repeat", "comma", "indices"):
        raise UnknownShape("call.array_format %s" % call["array_format"])
    if call.get("nested_format", "brackets") not in ("brackets", "dots"):
        raise UnknownShape("call.nested_format %s" % call["nested_format"])
    return [Play(fixture, "querystring", server=None)] if input_json(fixture) is not None else []


def plan_retry_headers(name):
    def plan_headers(fixture):
        check_texts("input", input_json(fixture))
        return pure(name)(fixture)
    return plan_headers


def plan_request(fixture):
    call = call_of(fixture)
    if "body_stream_chunks" in call:
        raise NotCovered("requests by path take their body as text, not as a stream")
    if "idempotency_header" in (fixture.get("client") or {}):
        raise NotCovered("there are no idempotency keys; OpenAI's own clients do not send them either")
    if "workload_identity" in (fixture.get("client") or {}):
        raise NotCovered("no workload identity")
    if set(call.get("options") or {}) - {"follow_redirects"}:
        raise NotCovered("a single request has no options but those of OaiCallOptions")
    need(call, "method")
    need(call, "path")
    return [Play(fixture, "request")]


def plan_operation(fixture, play="operation"):
    call = call_of(fixture)
    return [Play(fixture, play, operation=find_operation(call.get("op")), arguments=arguments_of(fixture))]


def plan_client(fixture):
    if "workload_identity" in (fixture.get("client") or {}):
        raise NotCovered("no workload identity")
    if fixture["expected"].get("error") is not None:
        # A client can be created without a key, since its auth can get one later; the first request fails.
        return [Play(fixture, "request", call={"op": "request", "method": "GET", "path": "/models"})]
    return [Play(fixture, "new_client", server=None)]


def plan_any(fixture):
    call = call_of(fixture)
    op = call.get("op")
    if op == "request":
        return plan_request(fixture)
    if op == "new_client":
        return plan_client(fixture)
    if op in ("with_options", "set_then_with_options"):
        for name in ("set", "options"):
            check_types("call." + name, call.get(name), KNOWN_OF_CHANGES)
        check_types("call.then", call.get("then"), {"function": str, "path": str})
        return [Play(fixture, "with_options", server=None)]
    if call.get("function") == "build_url":
        need(call, "path")
        if "default_base_url" in call:
            raise NotCovered("no base URL of a single call")
        return [Play(fixture, "build_url", server=None)]
    if op is None:
        raise UnknownShape("call.function %s" % call.get("function"))
    if call.get("mode") == "page":
        return plan_operation(fixture, "page")
    return plan_operation(fixture)


def plan_retry(fixture):
    if call_of(fixture).get("op") == "request":
        return plan_request(fixture)
    need(call_of(fixture), "op")
    plays = plan_operation(fixture, "call")
    # The sources patched the backoff; here it is limited.
    plays[0].payload["client"]["max_retry_delay_ms"] = 50
    return plays


def plan_region(fixture):
    value = input_json(fixture)
    if value.get("data_residency") is None or isinstance(value["data_residency"], (dict, list)):
        raise UnknownShape("input without data_residency")
    if set(value) != {"data_residency"} or set(fixture.get("client") or {}) - {"env"}:
        raise NotCovered("settings are made for a region or for a base URL: the conflict cannot be written down")
    if call_of(fixture).get("op", "new_client") != "new_client":
        raise UnknownShape("call.op %s" % call_of(fixture)["op"])
    return [Play(fixture, "region", server=None)]


def plan_stream(fixture):
    return plan_operation(fixture, "stream")


def plan_chat_stream(fixture):
    request = call_of(fixture).get("request_json")
    if request is not None and not isinstance(request, dict):
        raise UnknownShape("call.request_json is of type %s" % type(request).__name__)
    if call_of(fixture).get("op") not in ("chat.completions.stream", "chat.completions.create", "beta.chat.completions.stream"):
        raise UnknownShape("call.op %s" % call_of(fixture).get("op"))
    play = Play(fixture, "chat_stream", operation="chat.create", arguments=copy.deepcopy(request))
    # Some streams are replayed without a request.
    if play.payload["arguments"] is None:
        play.payload["arguments"] = {"model": "gpt-test", "messages": []}
    return [play]


def messages_of_program(fixture):
    """The messages that the program adds after each reply: those that neither the model nor its tools have written."""
    requests = [request.get("json", {}).get("messages", []) for request in fixture["expected"].get("requests") or []]
    return [[message for message in after[len(before):] if message["role"] not in ("assistant", "tool")]
            for before, after in zip(requests, requests[1:])]


def plan_run_tools(fixture):
    """The tool loop of a session.  Its number of requests is limited to the replies of the server."""
    call = call_of(fixture)
    if call.get("op") not in ("chat.completions.runTools", "chat.completions.stream", "beta.chat.completions.runTools"):
        raise UnknownShape("call.op %s" % call.get("op"))
    results = call.setdefault("tool_results_by_call_id", {})
    if any(not isinstance(result, str) for result in results.values()):
        raise UnknownShape("call.tool_results_by_call_id")
    return [Play(fixture, "run_tools", arguments=copy.deepcopy(need(call, "request_json", dict)), added=messages_of_program(fixture))]


def plan_response_stream(fixture):
    """Some streams are replayed without a request."""
    arguments = arguments_of(fixture) or {"model": "gpt-test", "input": "hi"}
    arguments.pop("stream", None)
    members = {"starting_after": arguments.pop("starting_after")} if "starting_after" in arguments else {}
    return [Play(fixture, "response_stream", operation=find_operation(call_of(fixture).get("op")), arguments=arguments, **members)]


def plan_endpoint(fixture):
    arguments = input_json(fixture)
    operation = find_operation(call_of(fixture).get("op"))
    if isinstance(operation, list):
        operation = operation["multipart" not in fixture["expected"]]
    if operation.startswith("driver."):
        raise NotCovered("no operation stands for %s" % call_of(fixture)["op"])
    # Members that compare_endpoint() requires.
    need(fixture["expected"], "path")
    betas = {}
    if call_of(fixture)["op"].startswith("beta.responses."):
        # The SDKs have separate methods for the beta; here, settings select it.
        betas = dict(beta.split("=", 1) for beta in arguments.pop("betas", ["responses_multi_agent=v1"]))
    plays = [Play(fixture, "operation", operation=operation, arguments=arguments)]
    if "multipart" not in fixture["expected"]:
        plays.append(Play(fixture, "call", operation=operation, arguments=arguments))
    for play in plays:
        play.payload["client"]["betas"] = betas
    return plays


def check_files(what, value):
    """Files are written as {"$bytes": …}, {"$text": …} or {"$stream": […]}."""
    if isinstance(value, list):
        for item in value:
            check_files(what, item)
    if not isinstance(value, dict):
        return
    marks = [name for name in value if name.startswith("$")]
    if marks:
        check_types(what, value, {"$bytes": str, "$text": str, "$stream": list, "filename": str, "content_type": str})
        if any(not isinstance(piece, str) for piece in value.get("$stream") or []):
            raise UnknownShape(what + ".$stream")
        return
    for name, member in value.items():
        check_files("%s.%s" % (what, name), member)


# The members of the record for forms.
FORM_MEMBERS = {"hello", "title", "baz", "foo", "bar", "files"}


def check_form(what, value):
    for name, member in value.items():
        if name not in FORM_MEMBERS:
            raise UnknownShape("%s.%s: the driver's form has no such member" % (what, name))
        if isinstance(member, dict) and not any(key.startswith("$") for key in member):
            check_form("%s.%s" % (what, name), member)


def plan_multipart(fixture):
    call = call_of(fixture)
    value = input_json(fixture)
    check_files("input", value)
    if call.get("function") == "encode_form":
        return [Play(fixture, "encode_form", server=None)]
    arguments = dict(call.get("path_params") or {})
    arguments.update(value)
    # The types of members, and not their paths, determine which are files.
    if call.get("function") == "extract_files":
        operation = "driver.send_form"
        check_form("input", value)
    else:
        operation = find_operation(call.get("op"))
    play = Play(fixture, "operation", operation=operation, arguments=arguments)
    play.payload["call"] = {}
    fixture = dict(fixture, server=[{"status": 200, "headers": {"content-type": "application/json"}, "body": '{"id": "file-1"}'}])
    play.fixture = fixture
    return [play]


def plan_page(fixture):
    call = call_of(fixture)
    if call.get("op") != "list" or call.get("path", "/items") != "/items":
        raise UnknownShape("call.op %s %s" % (call.get("op"), call.get("path")))
    if call.get("page_style") not in ("Page", "CursorPage", "ConversationCursorPage", "NextCursorPage"):
        raise UnknownShape("call.page_style %s" % call.get("page_style"))
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
    """The sources send the model in a form, but the fixtures omit it."""
    match = re.search(r"/deployments/([^/]*)/", fixture["expected"].get("url", ""))
    own = fixture["client"]["azure"].get("deployment") or fixture["client"]["azure"].get("azure_deployment")
    return urllib.parse.unquote(match[1]) if match and not own and call["path"] in FORMS else None


def read_azure_call(fixture):
    """The request, from the call or from the input."""
    call = dict(input_json(fixture)) if fixture.get("input") else {}
    for name, value in call_of(fixture).items():
        call.setdefault({"request_json": "body"}.get(name, name), value)
    if "realtime_model" in call or str(call.get("op")).startswith("realtime"):
        raise NotCovered("no realtime connections")
    check_types("input", call, {"method": str, "path": str, "body": None, "op": str, "query": dict, "extra_headers": dict, "options": dict})
    if call.get("op") not in (None, "request"):
        raise UnknownShape("call.op %s" % call["op"])
    need(call, "path")
    call["body"] = call.get("body")
    call["method"] = call.get("method") or ("get" if call["body"] is None else "post")
    return call


def plan_azure_client(fixture):
    """Only creates the client."""
    if fixture["expected"].get("error") is None:
        raise NotCovered("the SDKs' base URL holds the deployment; ours are kept apart")
    return [Play(fixture, "new_client", server=None)]


def plan_azure_url(fixture):
    azure = need(fixture.get("client") or {}, "azure", dict)
    if fixture["expected"].get("error") is not None and azure.get("base_url") and azure.get("azure_endpoint"):
        raise NotCovered("an endpoint and a base URL of Azure are two constructors: the conflict cannot be written down")
    if fixture["expected"].get("error") is not None and not azure.get("api_version"):
        raise NotCovered("the version of Azure's API has a default")
    if not fixture.get("input") and not call_of(fixture).get("path"):
        return plan_azure_client(fixture)
    call = read_azure_call(fixture)
    model = find_model(fixture, call)
    if model is not None and not (isinstance(call["body"], dict) and "model" in call["body"]):
        operation, arguments = FORMS[call["path"]]
        play = Play(fixture, "operation", server="origins", operation=operation, arguments=dict(arguments, model=model))
    else:
        play = Play(fixture, "request", server="origins", call={
            "method": call["method"], "path": origins.to_plain(call["path"]), "request_json": call["body"],
            "query": call.get("query"), "extra_headers": call.get("extra_headers"), "options": call.get("options"),
        })
    client = play.payload["client"]
    azure = client["azure"]
    for holder, name in ((azure, "base_url"), (azure, "azure_endpoint"), (client, "set_base_url")):
        if holder.get(name) is not None:
            holder[name] = origins.to_plain(holder[name])
    if play.environment is not None and isinstance(play.environment.get("AZURE_OPENAI_ENDPOINT"), str):
        play.environment = dict(play.environment, AZURE_OPENAI_ENDPOINT=origins.to_plain(play.environment["AZURE_OPENAI_ENDPOINT"]))
    # The fixtures do not contain the arguments of the client, so they are taken from the expected request.
    check_texts("expected.headers", fixture["expected"].get("headers"))
    for name, value in (fixture["expected"].get("headers") or {}).items():
        if name == "api-key":
            azure["api_key"] = value
        elif name != "authorization":
            client["default_headers"] = dict(client.get("default_headers") or {}, **{name: value})
    return [play]


def plan_azure_steps(fixture):
    for step in call_of(fixture)["steps"]:
        check_types("call.steps", step, {"on": str, "op": str, "copy_with": dict})
        if step is None or step.get("op") != "models.list" or step.get("on") not in ("copy", "original"):
            raise UnknownShape("call.steps %s" % compare.short(step))
        check_types("call.steps.copy_with", step.get("copy_with"), {name: KNOWN_OF_AZURE[name] for name in CREDENTIALS})
        check_provider("call.steps.copy_with.azure_ad_token_provider", (step.get("copy_with") or {}).get("azure_ad_token_provider"))
    need(fixture["client"]["azure"], "azure_endpoint")
    need(fixture["client"]["azure"], "api_version")
    return [Play(fixture, "steps")]


CREDENTIALS = ("api_key", "azure_ad_token", "azure_ad_token_provider")


def plan_azure_auth(fixture):
    azure = need(fixture.get("client") or {}, "azure", dict)
    if len([name for name in azure if name in CREDENTIALS and azure[name]]) > 1:
        raise NotCovered("a client has one OaiAuth, which holds one credential: the conflict cannot be written down")
    if call_of(fixture).get("steps") is not None:
        return plan_azure_steps(fixture)
    if call_of(fixture).get("op") == "new_client":
        return plan_client(fixture)
    if call_of(fixture).get("op") == "request":
        return plan_request(fixture)
    return plan_operation(fixture)


def plan_azure_redirect(fixture):
    call = dict(call_of(fixture))
    need(need(fixture.get("client") or {}, "azure", dict), "azure_endpoint")
    check_types("input", input_json(fixture), {"origin": str, "status": int, "location": str, "locations": list})
    known = {"n_requests", "headers", "second_request_keeps_credentials", "status", "api_key_present_per_request", "error"}
    compare.check_shape(fixture["expected"], known)
    if not compare.list_of(compare.is_text)(fixture["expected"].get("headers") or []):
        raise UnknownShape("expected.headers")
    if call.get("op") == "request":
        need(call, "method")
        need(call, "path")
        play = Play(fixture, "request", server="origins")
    else:
        play = Play(fixture, "operation", server="origins", operation=find_operation(call.get("op")), arguments=arguments_of(fixture))
    azure = play.payload["client"]["azure"]
    azure["azure_endpoint"] = origins.to_plain(azure["azure_endpoint"])
    return [play]


def plan_audio(fixture):
    call = call_of(fixture)
    compare.check_shape(fixture["expected"], {"result_type", "text", "result"})
    arguments = dict({"model": "whisper-1", "file": {"$text": "sound", "filename": "a.wav"}}, **arguments_of(fixture))
    if call.get("response_format") is not None:
        arguments["response_format"] = call["response_format"]
    return [Play(fixture, "operation", operation=find_operation(call.get("op")), arguments=arguments)]


def plan_embeddings(fixture):
    """Without a format, vectors are expected: a helper creates them from any format."""
    arguments = arguments_of(fixture)
    texts = arguments.get("input")
    texts = texts if isinstance(texts, list) and texts else [texts]
    if not arguments.get("encoding_format") and all(isinstance(text, str) for text in texts + [arguments.get("model")]):
        return plan_operation(fixture, "embed")
    return plan_operation(fixture)


def plan_response(fixture):
    if call_of(fixture).get("op") not in ("responses.create", "responses.parse"):
        raise UnknownShape("call.op %s" % call_of(fixture).get("op"))
    return [Play(fixture, "response", arguments=arguments_of(fixture))]


def plan_chat_parse(fixture):
    call = call_of(fixture)
    if call.get("op") != "chat.completions.parse":
        raise UnknownShape("call.op %s" % call.get("op"))
    need(call, "request_json", dict)
    return [Play(fixture, "chat_parse")]


POLLS = {"vector_stores.files.poll": "store_file", "vector_stores.file_batches.poll": "store_batch"}


def plan_polling(fixture):
    call = call_of(fixture)
    op = need(call, "op")
    path = need(call, "path_params", dict)
    if op in POLLS:
        for name in ("vector_store_id", "id"):
            need(path, name)
        # The defaults of the SDKs differ.
        interval = 1000 if "python" in (fixture.get("applies_to") or []) else 5000
        operation = POLLS[op]
        return [Play(fixture, "poll", operation=operation, default_interval_ms=interval)]
    if op != "files.wait_for_processing":
        raise NotCovered("nothing waits for %s" % op)
    need(path, "id")
    if call.get("clock") is not None:
        check_types("call.clock", call["clock"], {"start_ms": int, "after_first_sleep_ms": int})
    times = {name + "_ms": int(call[name + "_s"] * 1000) for name in ("max_wait", "poll_interval") if call.get(name + "_s") is not None}
    play = Play(fixture, "wait")
    play.payload["call"] = dict(call, **times)
    return [play]


KINDS = {
    "sse_decode": plan_sse_decode,
    "delta_accumulate": plan_accumulate,
    "partial_json": pure("partial_parse", json_input=False),
    "strict_schema": plan_strict_schema,
    "input_items": pure("toResponseInputItem"),
    "path_template": plan_path_template,
    "querystring": plan_query,
    "retry_delay": plan_retry_headers("calculate_retry_delay"),
    "retry_decision": plan_retry_headers("should_retry"),
    "error_map": plan_any,
    "json_response": plan_any,
    "auth": plan_any,
    "client_options": plan_any,
    "data_residency": plan_region,
    "retry": plan_retry,
    "sse_stream": plan_stream,
    "chat_stream": plan_chat_stream,
    "run_tools": plan_run_tools,
    "responses_stream": plan_response_stream,
    "responses_accumulate": plan_response_stream,
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
    "responses_parse": plan_response,
    "chat_parse": plan_chat_parse,
    "ws_events": lambda fixture: [Play(fixture, "socket", server=None)],
    "ws_queue": pure("send_queue", json_input=False),
    "ws_redirect": lambda fixture: [Play(fixture, "socket_redirect", server=None)],
}


# Kinds that the library does not support.
WITHOUT = {
    "bedrock", "log_redaction", "realtime_events", "realtime_url", "webhook",
    "workload_identity",
}
# Kinds whose expectations have specific members, which their plans check.
OWN_EXPECTATIONS = {"run_tools", "endpoint_request", "azure_redirect", "audio_format", "multipart", "responses_stream", "responses_accumulate"}
SOCKET_EXPECTATIONS = {"ws_events": sockets.KNOWN, "ws_queue": sockets.KNOWN_OF_QUEUE, "ws_redirect": sockets.KNOWN_OF_REDIRECT}


def plan(fixture):
    """The plays of a fixture, which must all give the expected result.

    Raises NotCovered, or UnknownShape for a fixture with unknown members.
    """
    check_fixture(fixture)
    if fixture["kind"] in WITHOUT:
        raise NotCovered("nothing in the library yet")
    kind = KINDS.get(fixture["kind"])
    if kind is None:
        raise UnknownShape("kind %s" % fixture["kind"])
    check_played(fixture)
    if fixture["kind"] == "error_map" and "op" not in call_of(fixture):
        raise NotCovered("a class of errors that is made without a server")
    if fixture["kind"] == "endpoint_request":
        compare.check_shape(fixture["expected"], compare.KNOWN_OF_REQUEST)
    elif fixture["kind"] == "run_tools":
        compare.check_shape(fixture["expected"], {"requests", "n_requests", "callbacks", "error", "helper_header"})
    elif fixture["kind"] == "multipart":
        compare.check_shape(fixture["expected"], {"parts", "files", "remaining", "error", "n_requests", "requests"})
    elif fixture["kind"] in ("responses_stream", "responses_accumulate"):
        compare.check_shape(fixture["expected"], {"event_types", "snapshots", "snapshot", "final", "error", "requests", "emitted_sequence_numbers"})
    elif fixture["kind"] in SOCKET_EXPECTATIONS:
        compare.check_shape(fixture["expected"], SOCKET_EXPECTATIONS[fixture["kind"]])
    elif fixture["kind"] not in OWN_EXPECTATIONS:
        compare.check_shape(fixture["expected"])
    try:
        return kind(fixture)
    except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
        raise UnknownShape("%s: %s" % (type(error).__name__, error)) from error


# Comparisons for the plays of each kind

def compare_endpoint(fixture, expected, answer, log):
    """Compares only the request, since the reply is not a reply of the API."""
    if expected.get("refused"):
        compare.require(not log, "number of requests", 0, len(log))
        compare.require((answer.get("error") or {}).get("class") == "invalid-argument", "error", "invalid-argument", answer.get("error"))
        return
    compare.require(len(log) == 1, "number of requests", 1, "%d (%s)" % (len(log), answer.get("error")))
    compare.check_request(dict(expected, path="/v1" + expected["path"]), log[0], fixture)


def compare_azure_url(fixture, expected, answer, log):
    """The "base_url" of the SDKs contains the deployment; this library stores it separately."""
    rest = {name: value for name, value in expected.items() if name not in ("url", "headers", "base_url")}
    if "url" in expected:
        compare.require(log, "request", expected["url"], answer.get("error"))
        compare.check_url(expected["url"], log[0]["url"])
        compare.check_request({"headers": expected.get("headers") or {}}, log[0], fixture)
    compare.compare(fixture, rest, answer, log)


def compare_azure_redirect(fixture, expected, answer, log):
    if "n_requests" in expected:
        compare.require(len(log) == expected["n_requests"], "number of requests", expected["n_requests"], "%d (%s)" % (len(log), answer.get("error")))
    if "second_request_keeps_credentials" in expected:
        compare.require(len(log) > 1, "number of requests", 2, len(log))
        keeps = expected["second_request_keeps_credentials"]
        for name in expected.get("headers") or []:
            compare.require(name in log[0]["headers"], "first request, header %s" % name, "any", None)
            compare.require((name in log[1]["headers"]) == keeps, "second request, header %s" % name, keeps, not keeps)
    if "error" in expected:
        compare.check_error(expected["error"], answer.get("error"), fixture, answer)
    if "status" in expected:
        compare.require(answer["call"]["status"] == expected["status"], "status", expected["status"], answer["call"]["status"])
    if "api_key_present_per_request" in expected:
        actual = ["api-key" in request["headers"] for request in log]
        compare.require(actual == expected["api_key_present_per_request"], "api-key", expected["api_key_present_per_request"], actual)


def compare_audio(fixture, expected, answer, log):
    """Text becomes the only member of the record; an object is the record."""
    result = answer.get("result")
    compare.require(isinstance(result, dict), "result", "a transcription", result or answer.get("error"))
    if expected.get("result_type") == "str":
        compare.require(set(result) == {"text"}, "members of the result", ["text"], sorted(result))
    else:
        compare.require(compare.same(input_json(fixture), result, True), "result", input_json(fixture), result)
    if "text" in expected:
        compare.require(result.get("text") == expected["text"], "text", expected["text"], result)
    if "result" in expected:
        compare.require(compare.contains(expected["result"], result), "result", expected["result"], result)


def flatten(value, name=""):
    """The fields of a form with this value."""
    if isinstance(value, dict):
        return [part for member in value for part in flatten(value[member], "%s[%s]" % (name, member) if name else member)]
    return [{"name": name, "text": value}]


def compare_multipart(fixture, expected, answer, log):
    if "files" in expected:
        files = [{"name": name, "filename": "upload", "text": text} for name, text in expected["files"]]
        expected = {"parts": files + flatten(expected.get("remaining") or {})}
    compare.compare(fixture, expected, answer, log)


def without_additions(value):
    """Without the members that the SDKs add to a response."""
    if isinstance(value, list):
        return [without_additions(item) for item in value]
    if isinstance(value, dict):
        return {name: without_additions(member) for name, member in value.items() if name not in ("parsed", "output_parsed", "output_text")}
    return value


def compare_response(fixture, expected, answer, log):
    """A stream whose response failed or is incomplete fails, in contrast to the SDKs."""
    compare.check_requests(expected, log, fixture)
    final = answer.get("final")
    if "error" in expected:
        error = dict(expected["error"])
        index = error.pop("at_event_index", None)
        compare.check_error(error, answer.get("error"), fixture, answer)
        compare.require(index in (None, answer["n_events"] - 1), "index of the event with the error", index, answer["n_events"] - 1)
    elif "error" in answer:
        compare.require((final or {}).get("status") in ("failed", "incomplete"), "error", "none", answer["error"])
    for name in ("event_types", "emitted_sequence_numbers", "snapshots"):
        if name in expected:
            compare.require(expected[name] == answer[name], name, expected[name], answer[name])
    for name in ("final", "snapshot"):
        if name in expected:
            wanted, actual = without_additions(expected[name]), without_additions(final)
            compare.require(compare.same(wanted, actual, True), name, wanted, actual if actual is not None else answer.get("error"))


NEW_ID = re.compile(r"call_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")


def comparable(value, made, ids):
    """Numbers the identifiers that a client has created, and replaces the results that the library has created for
    calls that cannot run, and the members that the SDK adds."""
    if isinstance(value, list):
        return [comparable(item, made, ids) for item in value]
    if not isinstance(value, dict):
        return ids.setdefault(value, "new-id-%d" % len(ids)) if isinstance(value, str) and NEW_ID.match(value) else value
    out = {name: comparable(member, made, ids) for name, member in value.items() if name not in ("parsed", "parsed_arguments")}
    if value.get("tool_call_id") in made:
        out["content"] = made[value["tool_call_id"]]
    return out


def without_index(value):
    """The index of a call is a member of streams only."""
    if isinstance(value, list):
        return [without_index(item) for item in value]
    if isinstance(value, dict):
        return {name: without_index(member) for name, member in value.items() if name != "index" or "function" not in value}
    return value


def compare_callbacks(expected, actual, made):
    """The results that the library has created are compared as a part of their messages."""
    names = [callback["name"] for callback in expected]
    compare.require(names == [callback["name"] for callback in actual], "callbacks", names, [callback["name"] for callback in actual])
    wanted_ids, actual_ids = {}, {}
    for wanted, callback in zip(expected, actual):
        wanted_arguments = without_index(comparable(wanted["args"], made, wanted_ids))
        arguments = without_index(comparable(callback["args"], made, actual_ids))
        if wanted["name"] in ("functionToolCallResult", "finalFunctionToolCallResult") and arguments and arguments[0] in made.values():
            continue
        compare.require(compare.same(wanted_arguments, arguments, True), wanted["name"], wanted_arguments, arguments)


def compare_run_tools(fixture, expected, answer, log):
    """A result that the library creates has another text than that of the SDK: it must be an error for the model."""
    made = answer.get("made") or {}
    for text in made.values():
        compare.require(list(json.loads(text)) == ["error"], "result", "an error", text)
    compare.require(len(log) == expected.get("n_requests", len(expected.get("requests") or log)), "number of requests", len(expected.get("requests") or []), len(log))
    wanted_ids, actual_ids = {}, {}
    for wanted, request in zip(expected.get("requests") or [], log):
        compare.check_request({name: value for name, value in wanted.items() if name != "json"}, request, fixture)
        wanted_body = comparable(wanted.get("json"), made, wanted_ids)
        body = comparable(json.loads(request["body"]), made, actual_ids)
        compare.require(compare.same(wanted_body, body, True), "body", wanted_body, body)
    if "error" in expected:
        compare.check_error(expected["error"], answer.get("error"), fixture, answer)
    else:
        compare.require("error" not in answer, "error", "none", answer.get("error"))
    if "callbacks" in expected:
        compare_callbacks(expected["callbacks"], answer["callbacks"], made)


def compare_chat_parse(fixture, expected, answer, log):
    """Also compares the request."""
    rest = {name: value for name, value in expected.items() if name != "result"}
    compare.compare(fixture, rest, answer, log)
    if log:
        compare.check_request({"json": call_of(fixture)["request_json"], "headers": call_of(fixture).get("request_headers") or {}}, log[0], fixture)
    if "result" in expected:
        compare.require(compare.same(expected["result"], answer.get("final"), True), "result", expected["result"], answer.get("final"))


COMPARERS = {
    "run_tools": compare_run_tools,
    "chat_parse": compare_chat_parse,
    "endpoint_request": compare_endpoint,
    "azure_url": compare_azure_url,
    "azure_redirect": compare_azure_redirect,
    "audio_format": compare_audio,
    "multipart": compare_multipart,
    "responses_stream": compare_response,
    "responses_accumulate": compare_response,
    "ws_events": sockets.compare_play,
    "ws_queue": sockets.compare_play,
    "ws_redirect": sockets.compare_play,
}


def compare_play(fixture, expected, answer, log):
    compare.check_answer(answer)
    COMPARERS.get(fixture["kind"], compare.compare)(fixture, expected, answer, log)
