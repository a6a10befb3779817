# SPDX-License-Identifier: LGPL-2.1-or-later
"""The checks of an exchange. Each check replays it differently, and checks the result."""

import base64
import json

import events
from exchanges import Exchange, Failed, NotKnown, check_error, find_difference, find_error, repair, require, require_same

# Possible errors of a response that is over and not complete.
UNFINISHED = ("length", "content-filter", "incomplete", "failed", "server", "rate-limited")
# Possible errors of a truncated stream.
BROKEN = ("incomplete", "connection", "protocol")


def parse(text):
    return json.loads(text) if text is not None else None


def check_no_error(answer):
    require("error" not in answer, "outcome", "no error", answer.get("error"))
    require("unknown" not in answer, "driver", "an answer", answer.get("unknown"))


# Whole replies

def check_result(exchange, answer):
    kind, result = exchange.recording["response_kind"], exchange.operation["result"]
    if kind == "json" and result in ("record", "page") and not isinstance(exchange.body, (dict, list) if result == "page" else dict):
        raise NotKnown("a reply that is no %s" % result)
    check_no_error(answer)
    if result == "none":
        return
    if result == "bytes":
        require(base64.b64decode(answer["bytes"]) == exchange.reply_bytes, "bytes", exchange.reply_bytes[:60], answer["bytes"][:80])
    elif kind == "json" and result in ("record", "page"):
        if isinstance(exchange.body, dict):
            require_same("reply", exchange.body, parse(answer["result"]))
        if result == "record":
            require_same("rebuilt", exchange.body, parse(answer["rebuilt"]))
        else:
            entries = exchange.body if isinstance(exchange.body, list) else exchange.body.get("data") or []
            require_same("rebuilt items", entries, [parse(item) for item in answer["rebuilt_items"]])
    elif kind == "text" and result == "record" and "text_member" in exchange.operation:
        require_same("reply", {exchange.operation["text_member"]: exchange.body["text"]}, parse(answer["result"]))
    elif kind == "text" and result == "text":
        require(answer["text"] == exchange.body["text"], "text", exchange.body["text"], answer["text"])
    else:
        raise NotKnown("%s as reply of a %s" % (kind, result))


def invoke(exchange, ask, **reply):
    """A reply does not depend on whether the library accepts the recorded request."""
    answer = ask(exchange.play("invoke", {}, **reply))
    if answer.get("error", {}).get("class") == "invalid-argument":
        answer = ask(exchange.play("invoke", {}, fill=True, **reply))
    return answer


def check_reply(exchange, ask):
    check_result(exchange, invoke(exchange, ask, splits=exchange.random_splits(exchange.reply_bytes)))


def check_reply_truncated(exchange, ask):
    """The connection is closed within the reply, which must fail."""
    position = exchange.random.randrange(len(exchange.reply_bytes))
    answer = invoke(exchange, ask, truncated_after=position)
    require("error" in answer, "truncated reply", "an error", answer.get("result"))
    require(answer["error"]["class"] in BROKEN, "class of a truncated reply", BROKEN, answer["error"])


def check_error_reply(exchange, ask):
    check_error(exchange.status, exchange.body, exchange.reply_bytes, invoke(exchange, ask))


def check_request(exchange, ask):
    play = "stream" if exchange.wants_stream() else "invoke"
    exchange.check_sent(ask(exchange.play(play, {"way": "run"})))


# Streams

def read_stream(text):
    try:
        return events.payloads(events.read(text))
    except ValueError:
        raise NotKnown("an event that is no JSON")


def stream_error(values):
    """The first event that is an error, and those before it."""
    for i, (name, value) in enumerate(values):
        error = find_error(value)
        if error is None and name == "error" and isinstance(value, dict):
            error = value
        if error is not None:
            return error, values[:i]
    return None, values


def is_chat(exchange):
    return exchange.operation.get("chunk") == "OaiChatChunk"


def is_broken(exchange, values, done):
    """Whether the recorded server itself ended the stream before the completion was finished."""
    return is_chat(exchange) and not done and not events.is_finished([value for _, value in values])


def is_response(exchange):
    return exchange.operation.get("chunk") == "OaiResponseEvent"


def is_unfinished(exchange, values):
    """Whether the recorded response failed, or is incomplete."""
    return is_response(exchange) and any(value.get("type") in ("response.incomplete", "response.failed") for _, value in values)


def check_response(values, result, signals):
    """Compares the response with the last event, which contains it, and the texts of the signals with the deltas.

    A recording may consist of several streams, one after the other.
    """
    last = values[-1][1]
    if last.get("type") != "response.completed":
        return
    require_same("folded", last["response"], result)
    if sum(value.get("type") == "response.completed" for _, value in values) > 1:
        return
    for stem, signal in (("output_text", "output-text"), ("function_call_arguments", "function-call-arguments"), ("reasoning_text", "reasoning-text")):
        deltas, texts = {}, {}
        for _, value in values:
            if value.get("type") == "response.%s.delta" % stem:
                key = (value["output_index"], value.get("content_index", 0))
                deltas[key] = deltas.get(key, "") + value["delta"]
        for name, text, *indexes in signals:
            if name == signal + "-delta":
                key = (indexes + [0])[0], (indexes + [0])[1]
                texts[key] = texts.get(key, "") + text
        for key, text in deltas.items():
            require(texts.get(key, "") == text, "text of ::%s-delta" % signal, text, texts.get(key))


def check_response_without_end(exchange, ask):
    """Without the last event, the response contains the items that were complete."""
    values, _ = read_stream(exchange.reply_bytes.decode("utf-8", "surrogatepass"))
    kept = [(name, value) for name, value in values if value.get("type") not in ("response.completed", "response.incomplete", "response.failed")]
    if len(kept) < len(values) - 1:
        return
    body = "".join("data: %s\n\n" % json.dumps(value) for _, value in kept) + "data: [DONE]\n\n"
    answer = exchange.stream(ask, "run", body=body.encode("utf-8", "surrogatepass"), splits=exchange.random_splits(body.encode("utf-8", "surrogatepass")))
    check_no_error(answer)
    done = [value["item"] for _, value in kept if value.get("type") == "response.output_item.done"]
    output = parse(answer["result"]).get("output") or []
    require(len(output) >= len(done), "items", len(done), len(output))
    for item in done:
        require(any(find_difference(item, {name: value for name, value in other.items() if name in item}) is None for other in output), "item", item, output)


def expected_items(exchange, values):
    """Events of runs have a separate name."""
    if exchange.operation.get("stream") == "OaiRunStream":
        return [{"event": name, "data": value} for name, value in values]
    return [value for _, value in values]


def check_items(exchange, values, answer):
    items = expected_items(exchange, values)
    require_same("chunks", items, [parse(item) for item in answer["items"]])
    require_same("rebuilt chunks", items, [parse(item) for item in answer["rebuilt_items"]])


def check_end(exchange, body, answer):
    """The values of the stream, if it ended as expected."""
    values, done = read_stream(body.decode("utf-8", "surrogatepass"))
    error, values = stream_error(values)
    if error is not None:
        check_error(exchange.status, {"error": error}, None, answer)
    elif is_unfinished(exchange, values):
        require("error" in answer and answer["error"]["class"] in UNFINISHED, "outcome", UNFINISHED, answer.get("error"))
    elif is_broken(exchange, values, done):
        require("error" in answer and answer["error"]["class"] == "incomplete", "outcome", "incomplete", answer.get("error"))
    else:
        check_no_error(answer)
    return values


def check_pull(exchange, ask, body):
    answer = exchange.stream(ask, "pull", body=body, splits=exchange.random_splits(body))
    values = check_end(exchange, body, answer)
    check_items(exchange, values, answer)


def joined(signals, name, choice):
    return "".join(signal[1] for signal in signals if signal[0] == name and signal[2] == choice)


def check_signals(answer, result):
    """Compares the content of the signals with the assembled completion."""
    for choice in result.get("choices") or []:
        message = choice.get("message") or {}
        content = message.get("content")
        if isinstance(content, str):
            text = joined(answer["signals"], "content-delta", choice["index"])
            require(text == content, "text of ::content-delta", content, text)


def check_push(exchange, ask, body):
    answer = exchange.stream(ask, "run", body=body, splits=exchange.random_splits(body))
    values = check_end(exchange, body, answer)
    if "result" not in answer:
        return
    result = parse(answer["result"])
    require_same("rebuilt", result, parse(answer["rebuilt"]))
    if is_chat(exchange):
        problem = events.compare_fold([value for _, value in values], result)
        if problem:
            raise Failed("folded: " + problem)
        check_signals(answer, result)
    if is_response(exchange) and values:
        check_response(values, result, answer["signals"])


def check_stream_pushed(exchange, ask):
    check_push(exchange, ask, exchange.reply_bytes)


def check_stream_pulled(exchange, ask):
    check_pull(exchange, ask, exchange.reply_bytes)


def check_stream_unended(exchange, ask):
    """Removes the blank line of the last event: [DONE], and the one before it if nothing follows it."""
    body = exchange.reply_bytes.rstrip(b"\r\n")
    check_push(exchange, ask, body)
    check_pull(exchange, ask, body)
    if body.endswith(b"[DONE]"):
        body = body[:max(body.rfind(b"\n\n"), body.rfind(b"\r\n\r\n"))].rstrip(b"\r\n")
        check_push(exchange, ask, body)
        check_pull(exchange, ask, body)


def check_whole_as_stream(exchange, ask):
    """A server that sends one whole reply although a stream was requested."""
    if not isinstance(exchange.body, dict):
        raise NotKnown("a reply that is no object")
    splits = exchange.random_splits(exchange.reply_bytes)
    answer = exchange.stream(ask, "run", splits=splits)
    check_no_error(answer)
    problem = events.compare_fold([exchange.body], parse(answer["result"]))
    if problem:
        raise Failed("folded: " + problem)
    check_signals(answer, parse(answer["result"]))
    answer = exchange.stream(ask, "pull", splits=splits)
    check_no_error(answer)
    problem = events.compare_choices(events.fold([exchange.body])[0], events.fold([parse(item) for item in answer["items"]])[0])
    if problem:
        raise Failed("pulled: " + problem)


def check_stream_truncated(exchange, ask):
    """Truncates the bytes anywhere: all complete events are delivered, and it fails unless the reply was complete."""
    body = exchange.reply_bytes
    position = exchange.random.randrange(1, len(body))
    prefix = body[:position]
    whole, _ = read_stream(body.decode("utf-8", "surrogatepass"))
    text = prefix.decode("utf-8", "ignore").replace("\r\n", "\n")
    values, done = read_stream(text[:text.rfind("\n\n") + 2] if "\n\n" in text else "")
    if exchange.random.random() < 0.5:
        reply = {"body": prefix}
    else:
        reply = {"truncated_after": position}
    answer = exchange.stream(ask, "pull", **reply)
    items = [parse(item) for item in answer["items"]]
    require(len(items) >= len(values), "chunks before the end", len(values), len(items))
    require_same("chunks", expected_items(exchange, whole)[:len(items)], items)
    if "error" in answer:
        # Another request continues the response, which the server of this test does not have.
        broken = BROKEN + (("not-found",) if is_response(exchange) else ())
        require(answer["error"]["class"] in broken or is_unfinished(exchange, whole) or find_error(whole[-1][1] if whole else None), "class of a truncated stream", BROKEN, answer["error"])
        return
    complete = done or len(items) == len(whole) or events.is_finished(items)
    require(complete, "truncated stream", "an error", "success after %d of %d events" % (len(items), len(whole)))


# Exchanges that no module supports

def check_generic_reply(exchange, ask):
    recording = exchange.recording
    play = {
        "play": "request", "base_path": recording["base_path"], "method": recording["method"], "path": recording["path"].lstrip("/"),
        "extra_query": {name: value for name, value in recording["query"].items() if isinstance(value, str)},
        "reply": exchange.reply(splits=exchange.random_splits(exchange.reply_bytes)),
    }
    if recording["request_kind"] == "json":
        play["request"] = json.dumps(recording["request_body"])
    answer = ask(play)
    if exchange.status >= 400:
        check_error(exchange.status, exchange.body, exchange.reply_bytes, answer)
        return
    check_no_error(answer)
    if recording["request_kind"] == "json":
        require_same("request", recording["request_body"], json.loads(base64.b64decode(answer["sent"].get("body") or "") or b"null"))
    if recording["response_kind"] == "json":
        # The text is returned unchanged.
        require_same("reply", exchange.body, repair(parse(answer.get("result"))))
        check_generic_record(exchange.body, ask)
    elif recording["response_kind"] in ("text", "bytes"):
        require((answer.get("result") or "").encode("utf-8", "surrogatepass") == exchange.reply_bytes, "reply", exchange.reply_bytes, answer.get("result"))


def check_generic_record(value, ask):
    if not isinstance(value, dict):
        return
    answer = ask({"play": "record", "json": json.dumps(value)})
    require("failure" not in answer, "record", "one", answer.get("failure"))
    require_same("record", repair(value), parse(answer["result"]))
    require_same("rebuilt record", repair(value), parse(answer["rebuilt"]))


def check_generic_events(exchange, ask):
    body = exchange.reply_bytes
    answer = ask({"play": "events", "body": base64.b64encode(body).decode(), "splits": exchange.random_splits(body)})
    actual = [(event.get("event") or None, event["data"]) for event in answer["events"]]
    expected = [(name or None, data) for name, data in events.read(body.decode("utf-8", "surrogatepass"))]
    require(actual == expected, "events", expected, actual)
    for _, value in read_stream(body.decode("utf-8", "surrogatepass"))[0]:
        check_generic_record(value, ask)


def check_frame(frame, ask):
    check_generic_record(frame, ask)


# The checks for an exchange

def list_checks(exchange):
    """Names and functions; "generic" checks are counted separately."""
    kind, ok = exchange.recording["response_kind"], exchange.status < 300
    if exchange.operation is None:
        return [("generic events", check_generic_events)] if ok and kind == "sse" else [("generic reply", check_generic_reply)]
    checks = []
    if exchange.has_request():
        checks.append(("request", check_request))
    if kind == "lost":
        return checks
    if not ok or (kind == "json" and find_error(exchange.body)):
        checks.append(("error", check_error_reply))
    elif kind == "sse" and "stream_member" in exchange.operation:
        checks += [("stream pushed", check_stream_pushed), ("stream pulled", check_stream_pulled),
                   ("stream without blank line", check_stream_unended), ("stream truncated", check_stream_truncated)]
        if is_response(exchange):
            checks.append(("response without end", check_response_without_end))
    elif kind == "sse":
        checks.append(("generic events", check_generic_events))
    else:
        checks.append(("reply", check_reply))
        if kind == "json" and len(exchange.reply_bytes) > 1:
            checks.append(("reply truncated", check_reply_truncated))
        if kind == "json" and is_chat(exchange):
            checks.append(("reply as stream", check_whole_as_stream))
    return checks


__all__ = ["Exchange", "Failed", "NotKnown", "check_frame", "list_checks"]
