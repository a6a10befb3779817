# SPDX-License-Identifier: LGPL-2.1-or-later
"""Parses event streams and assembles chat completions, independently of the library."""

import json


def read(text):
    """The events of a stream as (name or None, data); the last event needs no blank line."""
    events = []
    name, data = None, []
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    for line in text.split("\n") + [""]:
        if not line:
            if data:
                events.append((name, "\n".join(data)))
            name, data = None, []
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)
    return events


def is_done(data):
    return data.strip() == "[DONE]"


def payloads(events):
    """The JSON values before [DONE], each with the name of its event, and whether [DONE] arrived."""
    values = []
    for name, data in events:
        if is_done(data):
            return values, True
        if data.strip():
            values.append((name, json.loads(data)))
    return values, False


# Chat completions

TEXTS = ("content", "refusal", "reasoning_content", "reasoning")


def flatten_parts(value):
    """Text and reasoning of a text value."""
    if isinstance(value, str):
        return value, ""
    text, thought = "", ""
    for part in value if isinstance(value, list) else []:
        if not isinstance(part, dict):
            continue
        if "thinking" in part:
            inner = flatten_parts(part["thinking"])
            thought += inner[0] + inner[1]
        else:
            inner = flatten_parts(part.get("text"))
            text += inner[0]
            thought += inner[1]
    return text, thought


class Choice:
    def __init__(self):
        self.texts = {}
        self.calls = []
        self.finish_reason = None
        self.tokens = {}

    def add_text(self, member, text):
        self.texts[member] = self.texts.get(member, "") + text

    def add_call(self, fragment):
        """Combines calls by index and id; another id at the same index is another call."""
        index, identifier = fragment.get("index"), fragment.get("id") or None
        call = None
        for held in self.calls:
            if index is not None and held["index"] == index:
                call = held
            elif index is None and identifier is not None and held["id"] == identifier:
                call = held
        if call is not None and identifier is not None and call["id"] not in (None, identifier):
            call = next((held for held in self.calls if held["id"] == identifier), None)
        if call is None and index is None and identifier is None and self.calls:
            call = self.calls[-1]
        if call is None:
            call = {"index": index if index is not None else len(self.calls), "id": None, "name": "", "text": ""}
            self.calls.append(call)
        call["id"] = call["id"] or identifier
        for kind, member in (("function", "arguments"), ("custom", "input")):
            payload = fragment.get(kind)
            if not isinstance(payload, dict):
                continue
            name, text = payload.get("name"), payload.get(member)
            if name and name != call["name"]:
                call["name"] += name
            if text is not None:
                call["text"] += text if isinstance(text, str) else json.dumps(text)

    def add_delta(self, delta):
        for member in TEXTS:
            value = delta.get(member)
            if value is None:
                continue
            text, thought = flatten_parts(value)
            if text or isinstance(value, str):
                self.add_text(member, text)
            if thought:
                self.add_text("reasoning_content", thought)
        for fragment in delta.get("tool_calls") or []:
            self.add_call(fragment)


def fold(chunks):
    """Choices by index, and the usage."""
    choices, usage = {}, None
    for chunk in chunks:
        if not isinstance(chunk, dict):
            continue
        usage = chunk.get("usage") or usage
        for place, entry in enumerate(chunk.get("choices") or []):
            index = entry.get("index")
            choice = choices.setdefault(place if index is None else index, Choice())
            choice.add_delta(entry.get("delta") or entry.get("message") or {})
            choice.finish_reason = entry.get("finish_reason") or choice.finish_reason
            for member, tokens in (entry.get("logprobs") or {}).items():
                if isinstance(tokens, list):
                    choice.tokens.setdefault(member, []).extend(tokens)
    return choices, usage


def compare_choices(expected, actual):
    """The first difference between two assembled completions, or None."""
    if set(expected) != set(actual):
        return "choices: %s, not %s" % (sorted(actual), sorted(expected))
    for index, choice in expected.items():
        other = actual[index]
        pairs = [(choice.texts.get(member) or "", other.texts.get(member) or "", member) for member in TEXTS]
        pairs += [(choice.finish_reason, other.finish_reason, "finish_reason"), (choice.tokens, other.tokens, "logprobs")]
        pairs += [([(call["name"], call["text"]) for call in choice.calls], [(call["name"], call["text"]) for call in other.calls], "tool calls")]
        for wanted, got, what in pairs:
            if wanted != got:
                return "%s: %.80r, not %.80r" % (what, got, wanted)
    return None


def is_finished(chunks):
    choices, _ = fold(chunks)
    return bool(choices) and all(choice.finish_reason for choice in choices.values())


def leaves(value, path=()):
    """Every value that is not a container, with its path."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from leaves(member, path + (name,))
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item, path)
    else:
        yield path, value


def normalize_path(path):
    return tuple("message" if name == "delta" else name for name in path if name not in ("text", "thinking"))


# Assembled with specific rules, which compare_fold checks.
FOLDED = {"object", "obfuscation", "index", "content", "refusal", "reasoning", "reasoning_content", "arguments", "input", "usage", "name", "id", "created", "model"}


def check_leaves(chunks, result):
    """For members without a rule: lost values, and values that were not sent."""
    sent, folded = {}, {}
    for chunk in chunks:
        for path, value in leaves(chunk):
            sent.setdefault(normalize_path(path), []).append(value)
    for path, value in leaves(result):
        folded.setdefault(normalize_path(path), []).append(value)
    problems = []
    for path, values in sent.items():
        if FOLDED.intersection(path) or not path or all(value is None or value == "" for value in values):
            continue
        if path not in folded:
            problems.append("%s is lost" % ".".join(path))
    for path, values in folded.items():
        if FOLDED.intersection(path) or path not in sent:
            continue
        texts = [value for value in sent[path] if isinstance(value, str)]
        for value in values:
            if value in sent[path] or value is None:
                continue
            if not (isinstance(value, str) and value and len(set(texts)) > 1 and value in "".join(texts)):
                problems.append("%s was never sent: %.60r" % (".".join(path), value))
    return problems


def compare_fold(chunks, result):
    """The first difference between an assembled completion and its chunks, or None."""
    choices, usage = fold(chunks)
    folded = {choice.get("index"): choice for choice in result.get("choices") or []}
    if set(folded) != set(choices):
        return "choices: %s, not %s" % (sorted(map(str, folded)), sorted(map(str, choices)))
    if (result.get("usage") or None) != usage:
        return "usage: %s, not %s" % (result.get("usage"), usage)
    for index, choice in choices.items():
        message = folded[index].get("message") or {}
        for member in TEXTS:
            actual = message.get(member) or ""
            if actual != choice.texts.get(member, ""):
                return "%s: %.80r, not %.80r" % (member, actual, choice.texts.get(member, ""))
        if (folded[index].get("finish_reason") or None) != choice.finish_reason:
            return "finish_reason: %r, not %r" % (folded[index].get("finish_reason"), choice.finish_reason)
        calls = message.get("tool_calls") or []
        if len(calls) != len(choice.calls):
            return "%d tool calls, not %d" % (len(calls), len(choice.calls))
        for actual, call in zip(calls, sorted(choice.calls, key=lambda call: call["index"])):
            payload = actual.get("function") or actual.get("custom") or {}
            name, text = payload.get("name") or "", payload.get("arguments", payload.get("input")) or ""
            if "index" in actual or (call["id"] and actual.get("id") != call["id"]) or name != call["name"] or text != call["text"]:
                return "tool call: %r, not %r" % (actual, call)
        for member, tokens in choice.tokens.items():
            if (folded[index].get("logprobs") or {}).get(member) != tokens:
                return "logprobs.%s" % member
    problems = check_leaves(chunks, result)
    return problems[0] if problems else None
