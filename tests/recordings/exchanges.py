# SPDX-License-Identifier: LGPL-2.1-or-later
"""The parts of a recorded exchange to replay, and the expected results."""

import base64
import email.parser
import json
import os
import random
import re
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "conformance"))

import events  # noqa: E402
from compare import same  # noqa: E402


class Failed(Exception):
    """The library did not do what is expected."""


class NotKnown(Exception):
    """The recording has a format that this driver does not know."""


def require(condition, what, expected, actual):
    if not condition:
        raise Failed("%s: expected %.300r, got %.300r" % (what, expected, actual))


def find_difference(expected, actual, path=""):
    """The position where two JSON values differ, or None."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        for name in list(expected) + [name for name in actual if name not in expected]:
            if name not in expected or name not in actual:
                return "%s.%s: %s" % (path, name, "is lost" if name in expected else "was never sent")
            inner = find_difference(expected[name], actual[name], "%s.%s" % (path, name))
            if inner:
                return inner
        return None
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for i, (a, b) in enumerate(zip(expected, actual)):
            inner = find_difference(a, b, "%s[%d]" % (path, i))
            if inner:
                return inner
        return None
    return None if same(expected, actual) else "%s: %.80r, not %.80r" % (path, actual, expected)


def require_same(what, expected, actual):
    difference = find_difference(expected, actual)
    if difference:
        raise Failed("%s: %s" % (what, difference))


def template(path):
    return re.sub(r"\{[^}]*\}", "{}", path.strip("/"))


class Operations:
    """The operations and types of the library, as its driver describes them."""

    def __init__(self, description):
        self.types = description["types"]
        self.by_template = {}
        for operation in description["operations"]:
            self.by_template.setdefault((operation["method"], template(operation["path"])), operation)

    def find(self, name):
        if not isinstance(name, str) or " " not in name:
            return None
        method, path = name.split(" ", 1)
        return self.by_template.get((method, template(path)))

    def fields(self, type_name, member):
        return [field for field in self.types.get(type_name, []) if field["member"] == member]

    def minimal(self, type_name, depth=0):
        """A request with its required members only."""
        values = {"string": "x", "int": 1, "number": 1, "boolean": True, "time": 1, "json": {}, "map": {}}
        members = {}
        for field in self.types.get(type_name, []):
            if not field["required"] or field["member"] in members or depth > 4:
                continue
            kind = field["type"]
            if kind == "record":
                members[field["member"]] = self.minimal(field["item"], depth + 1)
            elif kind == "record-list":
                members[field["member"]] = [self.minimal(field["item"], depth + 1)]
            elif kind == "string-list":
                members[field["member"]] = ["x"]
            elif kind in values:
                members[field["member"]] = values[kind]
        return members


# Values of forms and queries are strings

def convert(fields, texts, is_list):
    kinds = [field["type"] for field in fields]
    if is_list or len(texts) > 1:
        return texts
    text = texts[0]
    for kind in kinds:
        try:
            if kind in ("int", "time"):
                return int(text)
            if kind == "number":
                return float(text)
            if kind in ("json", "record", "map", "record-list"):
                return json.loads(text)
        except ValueError:
            continue
        if kind == "boolean" and text.lower() in ("true", "false"):
            return text.lower() == "true"
        if kind == "string":
            return text
        if kind == "string-list":
            return [text]
    return text


def bare_name(name):
    """"image[]" and "image[0]" are entries of a list."""
    return re.sub(r"\[\d*\]$", "", name)


def split_query(operations, operation, query):
    """The members of the query record, as JSON, and the other members."""
    known, rest = {}, {}
    for name, value in query.items():
        texts = value if isinstance(value, list) else [value]
        if not all(isinstance(text, str) for text in texts):
            raise NotKnown("value of %s in the query" % name)
        bare = bare_name(name)
        keyed = re.fullmatch(r"(\w+)\[([^\]]+)\]", bare)
        fields = operations.fields(operation.get("query"), bare)
        if keyed and operations.fields(operation.get("query"), keyed.group(1)):
            known.setdefault(keyed.group(1), {})[keyed.group(2)] = texts[0]
        elif fields:
            known[bare] = convert(fields, texts, bare != name)
        elif len(texts) == 1:
            rest[name] = texts[0]
        else:
            raise NotKnown("list %s in the query" % name)
    return known, rest


def part_bytes(part):
    if isinstance(part.get("text"), str):
        return part["text"].encode("utf-8", "surrogatepass")
    if isinstance(part.get("base64"), str):
        return base64.b64decode(part["base64"])
    raise NotKnown("a part without text and base64")


def read_parts(operations, operation, body):
    """Members of the request, and its files."""
    parts = body.get("multipart") if isinstance(body, dict) else None
    if not isinstance(parts, list) or not all(isinstance(part, dict) and isinstance(part.get("name"), str) for part in parts):
        raise NotKnown("a multipart body without parts")
    texts, files = {}, []
    for part in parts:
        member = bare_name(part["name"])
        fields = operations.fields(operation.get("request"), member)
        if any(field["type"] in ("file", "file-list") for field in fields):
            several = sum(bare_name(other["name"]) == member for other in parts) > 1 or part["name"] != member
            kinds = [field["type"] for field in fields]
            is_list = "file-list" in kinds and (several or "file" not in kinds)
            files.append({"member": member, "filename": part.get("filename"), "content_type": part.get("content_type"),
                          "list": int(is_list), "body": base64.b64encode(part_bytes(part)).decode()})
        elif isinstance(part.get("text"), str):
            texts.setdefault(member, []).append(part)
        else:
            raise NotKnown("the part %s" % part["name"])
    members = {}
    for member, entries in texts.items():
        is_list = any(entry["name"] != member for entry in entries)
        members[member] = convert(operations.fields(operation.get("request"), member), [entry["text"] for entry in entries], is_list)
    return members, files


def flatten(name, value):
    if isinstance(value, dict):
        for key, member in value.items():
            yield from flatten("%s[%s]" % (name, key), member)
    elif isinstance(value, list):
        for item in value:
            yield from flatten(name, item)
    else:
        yield name, value


def canonical_text(text):
    """Compares numbers by value, and booleans in any case."""
    try:
        return str(float(text))
    except ValueError:
        return text.lower() if text.lower() in ("true", "false") else text


def canonical_part(name, data, filename):
    if filename is not None:
        return [(name, re.split(r"[/\\]", filename)[-1], data)]
    text = data.decode("utf-8", "replace")
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if isinstance(value, (dict, list)):
        return [(inner, None, canonical_text(json.dumps(leaf) if not isinstance(leaf, str) else leaf)) for inner, leaf in flatten(name, value)]
    return [(name, None, canonical_text(text))]


def sent_parts(sent):
    content_type, body = sent.get("content_type") or "", base64.b64decode(sent.get("body") or "")
    message = email.parser.BytesParser().parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    boundary = message.get_boundary()
    require(boundary is not None, "content type of the request", "multipart/form-data", content_type)
    out = []
    for raw in body.split(b"--" + boundary.encode())[1:-1]:
        head, _, data = raw.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        head = head.decode("utf-8")
        name = re.search(r'\bname="((?:[^"\\]|\\.)*)"', head).group(1)
        filename = re.search(r'filename="((?:[^"\\]|\\.)*)"', head)
        out += canonical_part(re.sub(r"\[\d*\]", "", name), data.removesuffix(b"\r\n"), filename.group(1) if filename else None)
    return sorted(out, key=repr)


# Errors

BY_STATUS = {
    400: "bad-request", 401: "authentication", 402: "quota-exceeded", 403: "permission-denied", 404: "not-found",
    409: "conflict", 422: "unprocessable", 429: "rate-limited",
}


def find_error(body):
    """The error object of a reply, or None."""
    if isinstance(body, list) and body:
        body = body[0]
    if not isinstance(body, dict):
        return None
    error = body.get("error")
    if isinstance(error, dict):
        return error
    if isinstance(error, str) and error:
        return {"message": error, "code": body.get("code"), "type": body.get("type")}
    return body if body.get("object") == "error" or isinstance(body.get("detail"), str) else None


def expected_class(status, error):
    words = " ".join(str(error.get(name) or "") for name in ("code", "type"))
    message = str(error.get("message") or "")
    if "insufficient_quota" in words or "billing" in words:
        return "quota-exceeded"
    if "context_length" in words or "exceed_context_size" in words or "too large to process" in message:
        return "context-length"
    if "content_filter" in words or "content_policy" in words:
        return "content-filter"
    if status == 401 and "must be" in message and "Owner" in message:
        return "permission-denied"
    if status < 300:
        codes = [error.get("code"), error.get("status")]
        status = next((int(code) for code in codes if re.fullmatch(r"[45]\d\d", str(code))), status)
    return BY_STATUS.get(status, "server" if status >= 500 else "failed")


def check_error(status, body, text, answer):
    error = answer.get("error")
    require(error is not None, "outcome", "an error", answer.get("result"))
    described = find_error(body) or {}
    require(error["domain"] == "oai" and error["class"] == expected_class(status, described), "error class", expected_class(status, described), error)
    require(error.get("status") == status, "error status", status, error.get("status"))
    message = described.get("message") or described.get("detail")
    if isinstance(message, str):
        require(message.strip() in error["message"], "error message", message, error["message"])
    for name in ("type", "code", "param"):
        value = described.get(name)
        if isinstance(value, (str, int)) and not isinstance(value, bool) and value != "":
            require(error.get(name) == str(value), "error " + name, value, error.get(name))
    if status >= 400 and text:
        require(base64.b64decode(error.get("body") or "") == text, "body of the error", text, error.get("body"))


# An exchange

MEMBERS = {
    "id": str, "method": str, "base_path": str, "path": str, "query": dict, "request_kind": str, "status": int, "response_headers": dict, "response_kind": str,
}
KINDS = {"json", "sse", "text", "multipart", "bytes", "none", "lost"}
CONTENT_TYPES = {"json": "application/json", "sse": "text/event-stream; charset=utf-8", "text": "text/plain; charset=utf-8", "bytes": "application/octet-stream"}


TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def repair(value):
    """JSON as the library stores it: lone surrogates and NUL are replaced."""
    if isinstance(value, str):
        return re.sub("[\ud800-\udfff\0]", "\ufffd", value)
    if isinstance(value, list):
        return [repair(item) for item in value]
    if isinstance(value, dict):
        return {repair(name): repair(member) for name, member in value.items()}
    return value


def check_shape(recording):
    for name, kind in MEMBERS.items():
        value = recording.get(name)
        if name == "base_path" and value is None:
            value = recording["base_path"] = ""
        if not isinstance(value, kind) or isinstance(value, bool):
            raise NotKnown("member %s of the recording" % name)
    for name in ("request_kind", "response_kind"):
        if recording[name] not in KINDS:
            raise NotKnown("%s %s" % (name, recording[name]))
    if not 200 <= recording["status"] < 600:
        raise NotKnown("status %d" % recording["status"])
    if not re.fullmatch("[A-Z]+", recording["method"]):
        raise NotKnown("method %s" % recording["method"])
    if not re.fullmatch(r"(/[\w.~%-]+)*/?", recording["base_path"]):
        raise NotKnown("base_path %s" % recording["base_path"])


class Exchange:
    def __init__(self, operations, recording):
        check_shape(recording)
        self.recording = recording
        self.operations = operations
        self.operation = operations.find(recording.get("operation"))
        self.status = recording["status"]
        if self.operation is not None and self.operation["method"] != recording["method"]:
            raise NotKnown("method %s of %s" % (recording["method"], recording["operation"]))
        self.body = recording.get("response_body")
        self.random = random.Random(recording["id"])
        self.reply_bytes = self.encode_reply()
        self.body = repair(self.body)

    def encode_reply(self):
        kind, body = self.recording["response_kind"], self.body
        if kind == "json":
            text = json.dumps(body, ensure_ascii=False)
            if self.random.random() < 0.5 or re.search("[\ud800-\udfff]", text):
                text = json.dumps(body)
            return text.encode()
        if kind in ("none", "lost"):
            return b""
        member = {"sse": "sse", "text": "text", "bytes": "base64"}.get(kind)
        if member is None or not isinstance(body, dict) or not isinstance(body.get(member), str):
            raise NotKnown("response_body of kind %s" % kind)
        return base64.b64decode(body[member]) if kind == "bytes" else body[member].encode("utf-8", "surrogatepass")

    def reply(self, body=None, splits=None, truncated_after=None):
        headers = {name: value for name, value in self.recording["response_headers"].items() if isinstance(value, str) and TOKEN.fullmatch(name) and value.isprintable()}
        kind = self.recording["response_kind"]
        content_type = headers.pop("content-type", None) or CONTENT_TYPES.get(kind)
        if kind == "sse":
            content_type = CONTENT_TYPES["sse"]
        if content_type is not None and not content_type.isprintable():
            raise NotKnown("content type")
        for name in ("retry-after", "retry-after-ms", "x-should-retry"):
            headers.pop(name, None)
        reply = {"status": self.status, "headers": headers, "body": base64.b64encode(self.reply_bytes if body is None else body).decode()}
        if kind not in ("none", "lost"):
            reply["content_type"] = content_type
        if splits:
            reply["splits"] = splits
        if truncated_after is not None:
            reply["truncated_after"] = truncated_after
        return reply

    def random_splits(self, body):
        if len(body) < 2:
            return []
        most = 400 if self.random.random() < 0.2 else 12
        return sorted(self.random.randrange(1, len(body)) for _ in range(self.random.randrange(1, most)))

    # Requests

    def path_arguments(self):
        pattern = "/?" + "/".join("([^/]+)" if step.startswith("{") else re.escape(step) for step in self.operation["path"].strip("/").split("/"))
        match = re.fullmatch(pattern, self.recording["path"])
        if match is None:
            raise NotKnown("path %s of %s" % (self.recording["path"], self.recording["operation"]))
        return [urllib.parse.unquote(argument) for argument in match.groups()]

    def wants_stream(self):
        member = self.operation.get("stream_member")
        if member is None:
            return False
        body = self.recording.get("request_body")
        if self.recording["request_kind"] == "json" and isinstance(body, dict) and member in body:
            return body[member] == self.operation.get("stream_value", True)
        return self.recording["response_kind"] == "sse"

    def request(self):
        """Members and files of the request, or None if they were not recorded, and then a sample is used."""
        if "request" not in self.operation:
            return None, []
        kind, body = self.recording["request_kind"], self.recording.get("request_body")
        if kind == "json" and not self.operation["multipart"]:
            if not isinstance(body, dict):
                raise NotKnown("a request body that is no object")
            return body, []
        if kind == "multipart" and self.operation["multipart"]:
            return read_parts(self.operations, self.operation, body)
        if kind in ("none", "lost") or self.operation["multipart"] != (kind == "multipart"):
            return None, []
        raise NotKnown("request_kind %s" % kind)

    def play(self, play, members, fill=False, **reply):
        """fill: use a request that the library accepts if it rejects the recorded one."""
        query, rest = split_query(self.operations, self.operation, self.recording["query"])
        request, files = self.request()
        if (request is None or fill) and "request" in self.operation:
            request, files = self.fill_request()
        out = {
            "play": play, "endpoint": self.operation["endpoint"], "index": self.operation["index"], "base_path": self.recording["base_path"],
            "path_arguments": self.path_arguments(), "extra_query": rest, "files": files, "reply": self.reply(**reply),
        }
        if query:
            out["query"] = json.dumps(query)
        if request is not None:
            stream = self.operation.get("stream_member") if play == "stream" else None
            out["request"] = json.dumps({name: value for name, value in request.items() if name != stream})
        out.update(members)
        return out

    def stream(self, ask, way, **reply):
        """Replays a stream, with a request that the library accepts if it rejects the recorded one."""
        answer = ask(self.play("stream", {"way": way}, **reply))
        if answer.get("error", {}).get("class") == "invalid-argument":
            answer = ask(self.play("stream", {"way": way}, fill=True, **reply))
        return answer

    def fill_request(self):
        request = self.operations.minimal(self.operation["request"])
        files = []
        for field in self.operations.types[self.operation["request"]]:
            if field["required"] and field["type"] in ("file", "file-list") and not any(file["member"] == field["member"] for file in files):
                files.append({"member": field["member"], "filename": "x.bin", "list": int(field["type"] == "file-list"), "body": "eA=="})
        return request, files

    def check_sent(self, answer):
        sent = answer.get("sent")
        require(sent is not None, "request", "one", answer.get("error"))
        recording = self.recording
        require(sent["method"] == recording["method"], "method", recording["method"], sent["method"])
        path = recording["base_path"].rstrip("/") + "/" + recording["path"].lstrip("/")
        require(urllib.parse.unquote(sent["path"]) == urllib.parse.unquote(path), "path", path, sent["path"])
        actual = sorted((bare_name(name), value) for name, value in urllib.parse.parse_qsl(sent.get("query") or "", keep_blank_values=True))
        expected = sorted((bare_name(name), text) for name, value in recording["query"].items() for text in (value if isinstance(value, list) else [value]))
        require(actual == expected, "query", expected, actual)
        kind, body = recording["request_kind"], recording.get("request_body")
        if kind == "json":
            actual = json.loads(base64.b64decode(sent.get("body") or "") or b"null")
            # The library requests vectors as Base64 if the program does not set a format.
            if self.recording["operation"] == "POST /embeddings" and "encoding_format" not in body:
                actual.pop("encoding_format", None)
            require_same("request", body, actual)
        elif kind == "multipart":
            parts = [entry for part in body["multipart"]
                     for entry in canonical_part(re.sub(r"\[\d*\]", "", part["name"]), part_bytes(part), part.get("filename"))]
            require(sorted(parts, key=repr) == sent_parts(sent), "parts", sorted(parts, key=repr), sent_parts(sent))

    def has_request(self):
        """Whether the request can be compared."""
        kind = self.recording["request_kind"]
        if kind == "none":
            return "request" not in self.operation
        return kind in ("json", "multipart") and "request" in self.operation and (kind == "multipart") == self.operation["multipart"]
