# SPDX-License-Identifier: LGPL-2.1-or-later
"""Uses the packages openai and websockets of PyPI with a proxy.

usage: client.py URL TOKEN PATH (of a file to upload)
"""

import json
import sys

import openai
from websockets.sync.client import connect

url, token, path = sys.argv[1:]
client = openai.OpenAI(base_url=url, api_key=token, max_retries=0, timeout=30)
question = [{"role": "user", "content": "Hello!"}]
tools = [{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}}]


def check_chat():
    completion = client.chat.completions.create(model="gpt-4o-mini", messages=question)
    assert completion.choices[0].message.content == "You said: Hello!", completion
    assert completion.usage.total_tokens > 0


def check_stream():
    chunks = list(client.chat.completions.create(model="gpt-4o-mini", messages=question, stream=True))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "You said: Hello!"
    assert all("usage" not in chunk.model_fields_set for chunk in chunks), "usage was not requested"
    chunks = list(client.chat.completions.create(model="gpt-4o-mini", messages=question, stream=True, stream_options={"include_usage": True}))
    assert chunks[-1].choices == [] and chunks[-1].usage.total_tokens > 0, chunks[-1]


def check_tools():
    calls = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": "Please use the tool."}], tools=tools).choices[0]
    assert calls.message.tool_calls[0].function.name == "get_weather", calls


def check_responses():
    assert client.responses.create(model="gpt-4o-mini", input="Hello!").output_text == "You said: Hello!"
    with client.responses.stream(model="gpt-4o-mini", input="Hello!") as stream:
        assert "".join(event.delta for event in stream if event.type == "response.output_text.delta") == "You said: Hello!"


def check_files():
    with open(path, "rb") as file:
        uploaded = client.files.create(file=file, purpose="assistants")
    with open(path, "rb") as file:
        assert client.files.content(uploaded.id).read() == file.read()
    assert uploaded.id in [file.id for file in client.files.list()]
    assert client.files.delete(uploaded.id).deleted


def check_embeddings():
    assert len(client.embeddings.create(model="text-embedding-3-small", input=["a", "b"]).data) == 2


def check_models():
    assert "gpt-4o-mini" in [model.id for model in client.models.list()]


def expect(kind, function):
    try:
        function()
    except kind as error:
        return error
    raise AssertionError("no %s" % kind.__name__)


def check_errors():
    stranger = client.with_options(api_key="sess-stranger")
    error = expect(openai.AuthenticationError, lambda: stranger.models.list())
    assert error.message and error.request_id.startswith("req_"), error
    expect(openai.NotFoundError, lambda: client.files.retrieve("file-none"))
    expect(openai.BadRequestError, lambda: client.chat.completions.create(model="gpt-4o-mini", messages=[], extra_body={"stream": "no"}))


def check_cancel():
    stream = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": "word " * 500}], stream=True)
    for _ in zip(range(3), stream):
        pass
    stream.close()


def check_web_socket():
    headers = {"Authorization": "Bearer " + token}
    with connect(url.replace("http", "ws", 1) + "/responses", additional_headers=headers) as socket:
        for text in ("Hello!", "Again!"):
            socket.send(json.dumps({"type": "response.create", "model": "gpt-4o-mini", "input": text}))
            answer = ""
            while True:
                event = json.loads(socket.recv(timeout=30))
                assert event["type"] != "error", event
                answer += event["delta"] if event["type"] == "response.output_text.delta" else ""
                if event["type"] == "response.completed":
                    break
            assert answer == "You said: " + text, answer
    try:
        connect(url.replace("http", "ws", 1) + "/responses")
        raise AssertionError("a client without a token was accepted")
    except Exception as error:
        assert "401" in str(error), error


for name, check in [(name, value) for name, value in list(globals().items()) if name.startswith("check_")]:
    try:
        check()
        print("ok %s" % name[6:].replace("_", "-"), flush=True)
    except Exception as error:
        print("not ok %s\t%s: %s" % (name[6:].replace("_", "-"), type(error).__name__, str(error).replace("\n", " ")), flush=True)
