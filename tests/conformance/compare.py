# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares the replies of the driver, and the requests that servers received, with a fixture.

Only the members in a fixture are compared.  A member of "expected" that this module does not
know is reported as an unknown shape, so that none is skipped.  Error messages are compared if
they are those of the server, and not if an SDK created them.
"""

import base64
import email.parser
import json
import re
import struct
import urllib.parse

SERVER_SAID = {
    "failed", "bad-request", "authentication", "permission-denied", "not-found", "conflict", "unprocessable",
    "rate-limited", "quota-exceeded", "context-length", "content-filter", "server",
}
REFUSED = {"invalid-argument", "protocol"}
CLASSES = {
    "BadRequestError": {"bad-request", "context-length", "content-filter"},
    "AuthenticationError": {"authentication"},
    "PermissionDeniedError": {"permission-denied"},
    "NotFoundError": {"not-found"},
    "ConflictError": {"conflict"},
    "UnprocessableEntityError": {"unprocessable"},
    "RateLimitError": {"rate-limited", "quota-exceeded"},
    "InternalServerError": {"server"},
    "APIStatusError": SERVER_SAID,
    "APIError": SERVER_SAID,
    "APIConnectionError": {"connection", "timed-out"},
    "APIConnectionTimeoutError": {"timed-out"},
    "APITimeoutError": {"timed-out"},
    "RuntimeError": {"timed-out"},
    "APIUserAbortError": {"cancelled"},
    "SyntaxError": {"protocol"},
    "JSONDecodeError": {"protocol"},
    "binascii.Error": {"protocol"},
    "LengthFinishReasonError": {"length"},
    "ContentFilterFinishReasonError": {"content-filter"},
    "ValueError": REFUSED,
    "TypeError": REFUSED,
    "Error": REFUSED,
    "UnicodeDecodeError": {"protocol"},
    "APIResponseValidationError": {"protocol"},
    "MutuallyExclusiveAuthError": REFUSED,
    "OpenAIError": REFUSED | {"authentication", "incomplete", "length", "content-filter", "failed"},
}


# Members of errors with texts of the SDKs, which are not compared.
WORDS_OF_SDKS = set()


class Mismatch(Exception):
    pass


class UnknownShape(Exception):
    """A fixture contains something that these modules can neither run nor compare."""


def short(value):
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 300 else text[:300] + "…"


def require(condition, what, expected=None, actual=None):
    if not condition:
        raise Mismatch("%s: expected %s, got %s" % (what, short(expected), short(actual)))


def unpack(value):
    """Decodes values that JSON cannot represent: NAME_b64 is bytes, NAME_json is JSON text in them."""
    if isinstance(value, list):
        return [unpack(item) for item in value]
    if not isinstance(value, dict):
        return value
    out = {}
    for name, member in value.items():
        if name.endswith("_json_b64"):
            text = base64.b64decode(member).decode("utf-8", "replace")
            try:
                out[name[:-9]] = json.loads(text)
            except ValueError:
                out[name[:-9]] = text
        elif name.endswith("_b64"):
            out[name[:-4]] = base64.b64decode(member)
        else:
            out[name] = unpack(member)
    return out


def same(expected, actual, lenient=False):
    """Compares numbers by value, and objects without order; lenient: an absent member equals null."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        names = set(expected) | set(actual)
        if not lenient and set(expected) != set(actual):
            return False
        return all(same(expected.get(name), actual.get(name), lenient) for name in names)
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(same(a, b, lenient) for a, b in zip(expected, actual))
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    if isinstance(expected, (int, float)) and isinstance(actual, (int, float)):
        return expected == actual or abs(expected - actual) <= 1e-12 * abs(expected)
    return type(expected) is type(actual) and expected == actual


def contains(expected, actual):
    """Checks that actual contains every member of expected."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        return all(name in actual and contains(value, actual[name]) for name, value in expected.items())
    return same(expected, actual)


# Multipart bodies

def parse_form(content_type, body):
    if not isinstance(content_type, str) or not content_type.lower().startswith("multipart/"):
        raise Mismatch("content type: expected a form, got %s" % content_type)
    message = email.parser.BytesParser().parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    parts = []
    payload = message.get_payload()
    for part in payload if isinstance(payload, list) else []:
        disposition = part.get("content-disposition", "")
        name = re.search(r'name="((?:[^"\\]|\\.)*)"', disposition)
        filename = re.search(r'filename="((?:[^"\\]|\\.)*)"', disposition)
        parsed = {"name": name.group(1) if name else None}
        data = part.get_payload(decode=True)
        if filename:
            parsed["filename"] = filename.group(1)
            parsed["content_type"] = part.get_content_type()
        try:
            parsed["text"] = data.decode("utf-8")
        except UnicodeDecodeError:
            parsed["data_b64"] = base64.b64encode(data).decode()
        parts.append(parsed)
    return parts


def check_parts(expected, actual):
    left = list(actual)
    for part in expected:
        for candidate in left:
            if all(candidate.get(name) == value for name, value in part.items()):
                left.remove(candidate)
                break
        else:
            raise Mismatch("part %s is missing from %s" % (short(part), short(actual)))
    require(not left, "parts", [], left)


# Requests

def check_header(wanted, request, server):
    for name, value in (wanted or {}).items():
        actual = request["headers"].get(name.lower())
        if value == "multipart/form-data" and actual is not None:
            actual = actual.split(";")[0]
        require(actual == value, "header %s" % name, value, actual)


def check_body(expected, request):
    body = base64.b64decode(request["body_b64"])
    if "body" in expected:
        require(request["body"] == expected["body"], "body", expected["body"], request["body"])
    if "text" in expected:
        require(request["body"] == expected["text"], "body", expected["text"], request["body"])
    if "json" in expected:
        require(same(expected["json"], json.loads(request["body"] or "null")), "body", expected["json"], request["body"])
    if "json_contains" in expected:
        require(contains(expected["json_contains"], json.loads(request["body"] or "null")), "body", expected["json_contains"], request["body"])
    if "multipart" in expected:
        check_parts(expected["multipart"], parse_form(request["headers"].get("content-type", ""), body))


KNOWN_OF_REQUEST = {
    "method", "path", "query", "query_set", "query_contains", "headers", "absent_headers", "has_headers", "header_patterns",
    "json", "json_contains", "body", "multipart", "auth", "raw_target", "text", "refused",
}
KNOWN_OF_ERROR = {
    "class", "status", "code", "param", "type", "request_id", "message", "message_contains", "must_not_contain", "response_headers",
    # Members that the SDKs add to a reply; the library keeps the reply unchanged.
    "error", "error_code", "message_json", "message_prefix",
    # Of streams of responses.
    "at_event_index",
}


def check_query(expected, request):
    if "query" in expected:
        require(sorted(map(tuple, expected["query"])) == sorted(map(tuple, request["query"])), "query", expected["query"], request["query"])
    if "query_set" in expected:
        require(sorted(expected["query_set"].items()) == sorted(map(tuple, request["query"])), "query", expected["query_set"], request["query"])
    for name, value in (expected.get("query_contains") or {}).items():
        require([name, value] in request["query"], "query", [name, value], request["query"])


def check_request(expected, request, fixture):
    for name in ("method", "path"):
        if name in expected:
            require(request[name] == expected[name], name, expected[name], request[name])
    check_query(expected, request)
    check_header(expected.get("headers"), request, None)
    for name in expected.get("absent_headers") or []:
        require(name.lower() not in request["headers"], "header %s" % name, None, request["headers"].get(name.lower()))
    for name in expected.get("has_headers") or []:
        require(name.lower() in request["headers"], "header %s" % name, "any", None)
    for name, pattern in (expected.get("header_patterns") or {}).items():
        require(re.search(pattern, request["headers"].get(name, "")), "header %s" % name, pattern, request["headers"].get(name))
    if "raw_target" in expected:
        require(request.get("target") == expected["raw_target"], "target", expected["raw_target"], request.get("target"))
    if "auth" in expected:
        key = (fixture.get("client") or {}).get("admin_api_key" if expected["auth"] == "admin" else "api_key")
        if not isinstance(key, str):
            raise UnknownShape("expected.auth %s without its key in the client" % short(expected["auth"]))
        check_header({"authorization": "Bearer " + key}, request, None)
    check_body(expected, request)


# Errors

def said_by_server(text, fixture):
    if fixture.get("input") and text in fixture["input"]:
        return True
    return any(isinstance(reply.get("body"), str) and text in reply["body"] for reply in fixture.get("server") or [])


def check_error(expected, actual, fixture, answer):
    require(actual is not None, "error", expected, "none")
    name = expected.get("class")
    if name is not None:
        names = name.split("|")
        require(any(actual["class"] in CLASSES[one] for one in names), "error class", name, "%s (%s)" % (actual["class"], actual["message"]))
    for member in ("status", "request_id", "code", "param", "type"):
        if member not in expected:
            continue
        value = actual.get(member)
        if member == "status" and expected[member] is None:
            require(value is None or value < 300, "error status", None, value)
        else:
            require(value == expected[member], "error " + member, expected[member], value)
    for member in ("message", "message_contains"):
        text = re.sub(r"^\d{3} ", "", expected.get(member) or "")
        if not text:
            continue
        if said_by_server(text, fixture):
            require(text in actual["message"], "error message", text, actual["message"])
        else:
            WORDS_OF_SDKS.add((fixture["name"], text))
    for secret in expected.get("must_not_contain") or []:
        require(secret not in actual["message"], "error message", "no " + secret, actual["message"])
    if "location" in (expected.get("response_headers") or {}):
        location = (answer.get("call") or {}).get("location") or ""
        path = urllib.parse.urlsplit(expected["response_headers"]["location"].replace("{server}", "http://s")).path
        require(urllib.parse.urlsplit(location).path == path, "location", path, location)


# Replies

def check_requests(expected, log, fixture):
    if "n_requests" in expected:
        require(len(log) == expected["n_requests"], "number of requests", expected["n_requests"], len(log))
    for i, request in enumerate(expected.get("requests") or []):
        require(len(log) > i, "request %d" % i, request, "none")
        check_request(request, log[i], fixture)
    if "last_request_headers" in expected or "last_request_absent_headers" in expected:
        require(log, "request", "one", "none")
    if "last_request_headers" in expected:
        check_request({"headers": expected["last_request_headers"]}, log[-1], fixture)
    if "last_request_absent_headers" in expected:
        check_request({"absent_headers": expected["last_request_absent_headers"]}, log[-1], fixture)
    times = [request["t"] for request in log]
    gaps = [b - a for a, b in zip(times, times[1:])]
    if "max_delay_s_between_requests" in expected or "min_delay_s_between_requests" in expected:
        require(gaps, "requests", "more than one", len(log))
    if "max_delay_s_between_requests" in expected:
        require(max(gaps) <= expected["max_delay_s_between_requests"], "longest delay", expected["max_delay_s_between_requests"], gaps)
    if "min_delay_s_between_requests" in expected:
        require(min(gaps) >= expected["min_delay_s_between_requests"], "shortest delay", expected["min_delay_s_between_requests"], gaps)


def check_events(expected, answer):
    for run in answer["runs"]:
        require(len(run) == len(expected), "number of events", len(expected), len(run))
        for wanted, event in zip(expected, run):
            for name in wanted:
                if name not in ("event", "data", "id"):
                    raise UnknownShape("expected.events.%s" % name)
                actual = event.get(name)
                actual = actual.decode("utf-8", "replace") if actual is not None else None
                require(actual == wanted[name], name, wanted[name], actual)


def check_url(expected, actual):
    a, b = urllib.parse.urlsplit(expected), urllib.parse.urlsplit(actual)
    require(a[:3] == b[:3], "URL", expected, actual)
    require(sorted(urllib.parse.parse_qsl(a.query)) == sorted(urllib.parse.parse_qsl(b.query)), "URL", expected, actual)


def without_parsed(value):
    """The members that the SDKs add to a completion and that no server sends, for comparison with the events."""
    if isinstance(value, list):
        return [without_parsed(item) for item in value]
    if isinstance(value, dict):
        return {name: without_parsed(member) for name, member in value.items() if name not in ("parsed", "parsed_arguments")}
    return value


def normalise_final(value):
    value = without_parsed(value)
    for choice in value.get("choices") or []:
        message = choice.get("message") or {}
        for call in message.get("tool_calls") or []:
            call.pop("index", None)
    return value


# The reports of the driver about clients.
KNOWN_OF_SUBSETS = {
    "client": {"api_key", "admin_api_key", "base_url", "max_retries", "timeout_ms", "organization", "project"},
    "new_client": {"base_url", "max_retries", "timeout_ms", "organization", "project"},
}


def check_subset(what):
    def check(expected, answer):
        for name, value in expected.items():
            if what in KNOWN_OF_SUBSETS and name not in KNOWN_OF_SUBSETS[what]:
                raise UnknownShape("expected.%s.%s" % (what, name))
            actual = (answer.get(what) or {}).get(name)
            if name == "base_url" and isinstance(actual, str):
                actual, value = actual.rstrip("/"), value.rstrip("/")
            require(same(value, actual), "%s %s" % (what, name), value, actual)
    return check


def check_member(what, lenient=False):
    def check(expected, answer):
        require(what in answer, what, expected, answer.get("error") or "none")
        require(same(expected, answer[what], lenient), what, expected, answer[what])
    return check


def check_delays(expected, answer):
    for delay in answer["delays"]:
        require(abs(delay - expected["delay_seconds"]) <= expected["relative_tolerance"] * expected["delay_seconds"], "delay", expected, delay)


def check_items(expected, answer):
    enveloped = expected and set(expected[0]) == {"event", "data"}
    if enveloped:
        actual = [{"event": event.get("event"), "data": event["data"]} for event in answer["raw_events"]]
        require(same(expected, actual), "events", expected, actual)
    require(same(expected, answer["items"]), "items", expected, answer["items"])


def leave_out(value, types):
    """Selects events of some types, together with event_types.

    "empty" selects empty deltas; "parsed" removes the member of that name from all events.
    """
    out = dict(value)
    if "events" not in value:
        return out
    events = iter(value["events"])
    pairs = [(name, None if name == "chunk" else next(events, None)) for name in value["event_types"]]

    def is_out(name, event):
        nothing = event is not None and (event.get("delta") == "" or [] in (event.get("content"), event.get("refusal")))
        return name in types or ("empty" in types and nothing)

    pairs = [pair for pair in pairs if not is_out(*pair)]
    out["event_types"] = [name for name, _ in pairs]
    out["events"] = [event for name, event in pairs if name != "chunk"]
    if "parsed" in types:
        out["events"] = without_parsed(out["events"])
    return out


def set_apart(value, types):
    """Moves events of some types after all others, in a fixed order."""
    if not types or "events" not in value:
        return value
    events = iter(value["events"])
    pairs = [(name, None if name == "chunk" else next(events, None)) for name in value["event_types"]]
    apart = sorted((pair for pair in pairs if pair[0] in types), key=lambda pair: json.dumps(pair, sort_keys=True))
    pairs = [pair for pair in pairs if pair[0] not in types] + apart
    return dict(value, event_types=[name for name, _ in pairs], events=[event for name, event in pairs if name != "chunk"])


def check_typed_events(expected, answer):
    require(len(expected) == len(answer["events"]), "number of events", len(expected), len(answer["events"]))
    for wanted, event in zip(expected, answer["events"]):
        require(same(wanted, event, True), "event", wanted, event)


def reduce_callback(callback):
    """Represents texts as strings, deltas as they were sent, and the ends of steps and images once."""
    name, arguments = callback["name"], callback["args"]
    if name == "textCreated":
        arguments = []
    elif name in ("textDelta", "textDone"):
        arguments = [arguments[0]["value"] if isinstance(arguments[0], dict) else arguments[0]]
    elif name in ("messageDelta", "runStepDelta"):
        arguments = [arguments[0].get("delta", arguments[0]), arguments[1]]
    elif name in ("runStepDone", "imageFileDone"):
        arguments = arguments[:1]
    return {"name": name, "args": arguments}


def check_callbacks(expected, answer):
    names = [callback["name"] for callback in answer["callbacks"]]
    require([callback["name"] for callback in expected] == names, "callbacks", [callback["name"] for callback in expected], names)
    for wanted, callback in zip(expected, answer["callbacks"]):
        wanted, callback = reduce_callback(wanted), reduce_callback(callback)
        require(same(wanted["args"], callback["args"], True), "callback " + wanted["name"], wanted["args"], callback["args"])


def read_vector(value):
    """The library keeps the reply unchanged, and creates the vector on request."""
    if not isinstance(value, str):
        return value
    data = base64.b64decode(value)
    return list(struct.unpack("<%df" % (len(data) // 4), data[:len(data) // 4 * 4]))


def check_embeddings(expected, answer):
    require("error" not in answer, "embeddings", expected, answer.get("error"))
    actual = answer["vectors"] if "vectors" in answer else [item["embedding"] for item in answer["result"]["data"]]
    if expected and not isinstance(expected[0], str):
        actual = [read_vector(item) for item in actual]
    require(same(expected, actual), "embeddings", expected, actual)


CHECKS = {
    "result": lambda expected, answer: check_member("result")(expected, dict(answer, result=None) if answer.get("result_absent") else answer),
    "result_absent": lambda expected, answer: require(answer.get("result_absent") is True, "result", "none", answer.get("error") or answer.get("result")),
    "items": check_items,
    "page": lambda expected, answer: require(contains(expected, answer.get("page")), "page", expected, answer.get("page")),
    "retries_taken": lambda expected, answer: require(answer["call"]["retries_taken"] == expected, "retries taken", expected, answer["call"]["retries_taken"]),
    "request_id": lambda expected, answer: require(answer["call"].get("request_id") == expected, "request id", expected, answer["call"].get("request_id")),
    "response_headers": check_subset("call"),
    "client": check_subset("client"),
    "new_client": check_subset("new_client"),
    "headers": check_subset("headers"),
    "url": lambda expected, answer: check_url(expected, answer.get("url", "")),
    "base_url": lambda expected, answer: require(answer.get("base_url", "").rstrip("/") == expected.rstrip("/"), "base URL", expected, answer.get("base_url")),
    "path": check_member("path"),
    "schema": check_member("schema"),
    "value": check_member("value"),
    "query": check_member("query"),
    "query_unquoted": lambda expected, answer: require(urllib.parse.unquote(answer["query"]) == expected, "query", expected, answer["query"]),
    "should_retry": check_member("should_retry"),
    "has_next_page": check_member("has_next_page"),
    "event_types": check_member("event_types"),
    "final": lambda expected, answer: require(same(normalise_final(expected), normalise_final(answer.get("final") or {}), True), "final", expected, answer.get("final") or answer.get("error")),
    "callbacks": check_callbacks,
    "embeddings": check_embeddings,
    "raw_body_embedding": lambda expected, answer: "vectors" in answer or check_embeddings([expected], answer),
    "output_text": check_member("output_text"),
    "output": check_member("output", lenient=True),
    "sleeps_ms": check_member("sleeps_ms"),
    "sleeps_s": lambda expected, answer: require([s * 1000 for s in expected] == answer["sleeps_ms"], "sleeps", expected, answer["sleeps_ms"]),
    "get_next_page_error": lambda expected, answer: require(not answer["next_page_loaded"], "loading beyond the end", "an error", "a page"),
}
# Compared by other functions: with the log of the server, or together with another member.
ELSEWHERE = {
    "n_requests", "requests", "last_request_headers", "last_request_absent_headers", "max_delay_s_between_requests",
    "min_delay_s_between_requests", "error", "for_every_split", "relative_tolerance", "next_query", "parts", "events", "delay_seconds",
}


def list_of(check):
    return lambda value: isinstance(value, list) and all(check(item) for item in value)


def dict_of(check):
    return lambda value: isinstance(value, dict) and all(check(item) for item in value.values())


def members_of(optional):
    """Objects whose members have these shapes, if they are present."""
    return lambda value: isinstance(value, dict) and all(check(value[name]) for name, check in optional.items() if value.get(name) is not None)


def is_text(value):
    return isinstance(value, str)


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_object(value):
    return isinstance(value, dict)


def is_base64(value):
    try:
        return is_text(value) and base64.b64decode(value, validate=True) is not None
    except ValueError:
        return False


def is_pair(value):
    return isinstance(value, list) and len(value) == 2 and all(isinstance(item, str) for item in value)


def is_call(value):
    return isinstance(value, dict) and is_text(value.get("name")) and isinstance(value.get("args"), list)


def is_completion(value):
    choices = list_of(members_of({"message": members_of({"tool_calls": list_of(is_object)})}))
    return members_of({"choices": choices})(value)


SHAPES = {
    "headers": dict_of(is_text), "absent_headers": list_of(is_text), "has_headers": list_of(is_text), "header_patterns": dict_of(is_text),
    "query": list_of(is_pair), "query_set": dict_of(is_text), "query_contains": dict_of(is_text), "multipart": list_of(is_object),
    "method": is_text, "path": is_text, "body": is_text, "text": is_text, "raw_target": is_text,
}
SHAPES_OF_ERROR = {
    "message": is_text, "message_contains": is_text, "must_not_contain": list_of(is_text), "response_headers": dict_of(is_text),
}
SHAPES_OF_EXPECTED = {
    "requests": list_of(is_object), "events": list_of(is_object), "event_types": list_of(is_text), "callbacks": list_of(is_call), "parts": list_of(is_object),
    "files": list_of(is_pair), "remaining": is_object, "last_request_headers": dict_of(is_text), "last_request_absent_headers": list_of(is_text),
    "next_query": is_object, "final": is_completion, "delay_seconds": is_number, "relative_tolerance": is_number,
    "sleeps_s": list_of(is_number), "api_key_present_per_request": list_of(lambda value: isinstance(value, bool)),
}


def check_shapes(what, value, shapes):
    for name, check in shapes.items():
        if name in value and value[name] is not None and not check(value[name]):
            raise UnknownShape("%s.%s %s" % (what, name, short(value[name])))


TYPES = {
    "n_requests": int, "requests": list, "last_request_headers": dict, "last_request_absent_headers": list, "error": dict,
    "events": list, "event_types": list, "items": list, "callbacks": list, "parts": list, "next_query": dict, "final": dict,
    "response_headers": dict, "client": dict, "new_client": dict, "headers": dict, "url": str, "base_url": str, "path": str,
    "query": str, "query_unquoted": str, "sleeps_ms": list, "sleeps_s": list, "embeddings": list,
    "max_delay_s_between_requests": (int, float), "min_delay_s_between_requests": (int, float), "delay_seconds": (int, float),
}


def check_members(what, value, known):
    if not isinstance(value, dict):
        raise UnknownShape("%s is of type %s" % (what, type(value).__name__))
    unknown = sorted(set(value) - set(known))
    if unknown:
        raise UnknownShape("%s.%s" % (what, unknown[0]))


def check_classes(error):
    names = error.get("class")
    if names is None:
        return
    for name in names.split("|") if isinstance(names, str) else [names]:
        if not isinstance(name, str) or name not in CLASSES:
            raise UnknownShape("expected.error.class %s" % short(name))


def check_shape(expected, known=None):
    """Raises UnknownShape for members that are not compared."""
    check_members("expected", expected, known or set(CHECKS) | ELSEWHERE)
    for name, kind in TYPES.items():
        if name in expected and known is None and not (isinstance(expected[name], kind) or (name == "error" and expected[name] is None)):
            raise UnknownShape("expected.%s is of type %s" % (name, type(expected[name]).__name__))
    check_shapes("expected", expected, SHAPES_OF_EXPECTED)
    if known is KNOWN_OF_REQUEST:
        check_shapes("expected", expected, SHAPES)
    if "event_types" in expected and "events" not in expected and "events" in (known or {"events"}):
        raise UnknownShape("expected.event_types without events")
    for request in expected.get("requests") or []:
        check_members("expected.requests", request, KNOWN_OF_REQUEST)
        check_shapes("expected.requests", request, SHAPES)
    if expected.get("error") is not None:
        check_members("expected.error", expected["error"], KNOWN_OF_ERROR)
        check_shapes("expected.error", expected["error"], SHAPES_OF_ERROR)
        check_classes(expected["error"])


def check_answer(answer):
    if "unknown" in answer:
        raise UnknownShape("the driver does not know %s" % short(answer["unknown"]))


def compare(fixture, expected, answer, log):
    """Raises Mismatch."""
    check_requests(expected, log, fixture)
    if "error" in expected:
        check_error(expected["error"], answer.get("error"), fixture, answer)
    else:
        require("error" not in answer, "error", "none", answer.get("error"))
    if "delay_seconds" in expected:
        check_delays(expected, answer)
    if "events" in expected:
        (check_events if "runs" in answer else check_typed_events)(expected["events"], answer)
    if "parts" in expected:
        body, content_type = answer.get("body"), answer.get("content_type")
        if body is None:
            require(log, "request", "one", answer.get("error") or "none")
            body, content_type = base64.b64decode(log[0]["body_b64"]), log[0]["headers"].get("content-type")
        check_parts(expected["parts"], parse_form(content_type, body))
    if "next_query" in expected:
        query = {name: str(value) for name, value in expected["next_query"].items()}
        require(len(log) > 1, "number of requests", 2, len(log))
        check_request({"query_set": query}, log[1], fixture)
    for name, value in expected.items():
        if name in CHECKS:
            CHECKS[name](value, answer)
