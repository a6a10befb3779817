# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares the WebSocket kinds.  The driver contains the servers."""

import compare

KNOWN = {
    "url", "handshake_headers", "event", "response.created", "raw", "errors", "error_payload", "close_frames", "closed", "iterator",
    "on_reconnecting", "on_reconnecting_calls", "n_connections", "second_url", "frames", "frames_before_open", "frames_second",
    "reconnected",
}
KNOWN_OF_QUEUE = {"results", "drained", "second_drain", "sent", "flush_error", "lengths"}
KNOWN_OF_REDIRECT = {"connects", "n_handshakes", "credentials_only_to_origin", "first_message_sent"}

# Errors whose text is that of the SDK, and a part of the text of the library.
TEXTS = {
    "send queue is full, message discarded": "queue is full",
    "cannot send on a closed WebSocket": "WebSocket connection is closed",
    "socket failed": "connection",
    "network error": "connection",
}


def compare_error(expected, actual):
    compare.require(TEXTS.get(expected, expected) in (actual or ""), "error", expected, actual)


def compare_texts(expected, actual):
    actual = actual or []
    compare.require(len(actual) == len(expected), "number of errors", expected, actual)
    for one, other in zip(expected, actual):
        compare_error(one, other)


def decode(frames):
    return [{"binary_b64": frame["binary"]} if isinstance(frame, dict) else frame for frame in frames or []]


def compare_iterator(expected, actual):
    """The list ends with null, after the end of the connection."""
    expected = [item for item in expected if item is not None]
    compare.require([item["type"] for item in expected] == [item["type"] for item in actual], "types", expected, actual)
    for one, other in zip(expected, actual):
        if one["type"] == "error":
            compare_error(one["message"], other["message"])
        else:
            compare.require(compare.contains(one, other), "item", one, other)


def path_of(url):
    return url.split("/v1", 1)[1]


def compare_member(name, expected, answer):
    if name == "errors":
        compare_texts(expected, answer.get("errors"))
    elif name == "iterator":
        compare_iterator(expected, answer.get("iterator"))
    elif name == "handshake_headers":
        compare.require(answer["handshakes"][0].get("authorization") == expected["authorization"], "header", expected, answer["handshakes"])
    elif name == "second_url":
        compare.require(path_of(answer["handshakes"][1]["url"]) == path_of(expected), "URL", expected, answer["handshakes"])
    elif name in ("frames", "frames_before_open", "frames_second", "raw"):
        compare.require(compare.same(expected, decode(answer.get(name))), name, expected, answer.get(name))
    elif name == "error_payload":
        compare.require(compare.same(expected, answer["event"][-1], lenient=True), name, expected, answer["event"])
    elif name == "closed":
        # Each connection is a real one here, and so ends, too.
        compare.require(compare.same(expected, answer.get("closed", [])[-len(expected):]), name, expected, answer.get("closed"))
    elif name in ("on_reconnecting_calls", "reconnected"):
        compare.require(expected == answer.get(name, 0), name, expected, answer.get(name))
    elif name == "response.created":
        events = [event for event in answer.get("event", []) if event.get("type") == name]
        compare.require(compare.same(expected, events), name, expected, events)
    else:
        compare.require(compare.same(expected, answer.get(name), lenient=True), name, expected, answer.get(name))


def compare_play(fixture, expected, answer, log):
    for name, value in expected.items():
        compare_member(name, value, answer)
