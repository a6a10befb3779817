#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A server of WebSocket connections for benchmarks, which prints its port: after the first message of a client, it sends the
events of a response, each in a frame.  The path selects their number: /socket-N/…"""

import base64
import hashlib
import re
import socket
import struct
import sys
import threading

GUID = b'258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
ITEM = 'msg_68a1f4c2d9b08191a7e3c5f60412b98e0d7a'
WORDS = (' the', ' sky', ' is', ' blue', ' because', ' light', ', and', '\\n')
RESPONSE = '{"id":"resp_68a1f4c2","object":"response","created_at":1754000000,"status":"%s","model":"gpt-5","output":[]}'


def frame(text):
    data = text.encode()
    if len(data) < 126:
        return bytes([0x81, len(data)]) + data
    return struct.pack('>BBH', 0x81, 126, len(data)) + data


def make_events(count):
    yield '{"type":"response.created","sequence_number":0,"response":' + RESPONSE % 'in_progress' + '}'
    yield ('{"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"id":"' + ITEM
           + '","type":"message","status":"in_progress","content":[],"role":"assistant"}}')
    yield ('{"type":"response.content_part.added","sequence_number":2,"item_id":"' + ITEM
           + '","output_index":0,"content_index":0,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":""}}')
    for i in range(count):
        word = WORDS[i % len(WORDS)]
        # The padding hides the length of the text.
        yield (f'{{"type":"response.output_text.delta","sequence_number":{i + 3},"item_id":"{ITEM}","output_index":0,'
               f'"content_index":0,"delta":"{word}","logprobs":[],"obfuscation":"{"x" * (16 - len(word))}"}}')
    yield f'{{"type":"response.completed","sequence_number":{count + 3},"response":' + RESPONSE % 'completed' + '}'


def read_head(connection):
    head = b''
    while b'\r\n\r\n' not in head:
        data = connection.recv(4096)
        if not data:
            raise OSError
        head += data
    return head


def serve(connection, bodies):
    head = read_head(connection)
    count = int(re.search(rb'/socket-(\d+)/', head)[1])
    key = re.search(rb'(?i)\r\nsec-websocket-key: *(\S+)', head)[1]
    accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
    connection.sendall(b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: '
                       + accept + b'\r\n\r\n')
    if count not in bodies:
        bodies[count] = b''.join(frame(event) for event in make_events(count))
    if connection.recv(65536):
        connection.sendall(bodies[count])
        connection.recv(65536)  # the client closes the connection


def run(connection, bodies):
    with connection:
        try:
            serve(connection, bodies)
        except OSError:
            pass  # the client closed the connection


def main():
    listener = socket.create_server(('127.0.0.1', 0))
    bodies = {}
    print(listener.getsockname()[1], flush=True)
    threading.Thread(target=lambda: (sys.stdin.read(), listener.shutdown(socket.SHUT_RDWR)), daemon=True).start()
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=run, args=(connection, bodies), daemon=True).start()


main()
