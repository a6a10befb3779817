#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What client.c does, with the official package for Python. Prints the same.

usage: peer.py COMMAND BASE-URL [ARGUMENT…]
"""

import asyncio
import os
import sys

import openai

MESSAGES = [
    {"role": "system", "content": "You are a helpful assistant."},
    {"role": "user", "content": "Why is the sky blue?"},
]
REQUEST = {"model": "gpt-4o-mini", "messages": MESSAGES}


def ready(client):
    return "ready" if client.chat.completions and REQUEST else "not ready"


def stream(client):
    count = 0
    for event in client.chat.completions.create(**REQUEST, stream=True):
        if event.choices and event.choices[0].delta.content:
            count += 1
    return count


async def stream_async(client):
    count = 0
    async for event in await client.chat.completions.create(**REQUEST, stream=True):
        if event.choices and event.choices[0].delta.content:
            count += 1
    return count


async def run_at_once(at_once, work):
    return sum(await asyncio.gather(*(work() for _ in range(at_once))))


def make_async_client(client):
    return openai.AsyncOpenAI(api_key=client.api_key, base_url=client.base_url)


def streams(client, at_once):
    asynchronous = make_async_client(client)
    return asyncio.run(run_at_once(int(at_once), lambda: stream_async(asynchronous)))


def is_expected(completion):
    return completion.choices[0].message.content == "Hello! How can I help you today?"


def completions(client, requests, at_once):
    if int(at_once) == 1:
        return sum(is_expected(client.chat.completions.create(**REQUEST)) for _ in range(int(requests)))

    asynchronous = make_async_client(client)
    left = iter(range(int(requests)))

    async def work():
        return sum([is_expected(await asynchronous.chat.completions.create(**REQUEST)) for _ in left])

    return asyncio.run(run_at_once(int(at_once), work))


def embeddings(client, rows, encoding):
    parameters = {"encoding_format": "float"} if encoding == "float" else {}
    texts = ["x"] * int(rows)
    reply = client.embeddings.create(model="text-embedding-3-small", input=texts, **parameters)
    return sum(len(row.embedding) for row in reply.data)


def upload(client, path):
    with open(path, "rb") as file:
        return client.files.create(file=file, purpose="user_data").id


def download(client, path):
    with client.files.with_streaming_response.content("file-abc123") as response:
        response.stream_to_file(path)
    return os.stat(path).st_size


def main():
    command, *rest = sys.argv[1:]
    if command == "import":
        print("ready" if openai.OpenAI else "not ready")
        return
    base_url, *arguments = rest or ["http://127.0.0.1:1/v1"]
    commands = {function.__name__: function for function in (ready, stream, streams, completions, embeddings, upload, download)}
    print(commands[command](openai.OpenAI(api_key="sk-test", base_url=base_url), *arguments))


if __name__ == "__main__":
    main()
