# SPDX-License-Identifier: LGPL-2.1-or-later
"""A forward proxy on 127.0.0.1 that represents every server of a fixture.

It supports only unencrypted HTTP: https://host becomes http://host:443, so that equal
origins stay equal and different origins stay different.
"""

import json
import re
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import base64


def to_plain(url):
    match = re.match(r"https://([^/?#@]*@)?([^/?#:]+)(:\d+)?(.*)$", url, re.S)
    return "http://%s%s%s%s" % (match[1] or "", match[2], match[3] or ":443", match[4]) if match else url


def from_plain(url):
    match = re.match(r"http://([^/?#:]+):443(.*)$", url, re.S)
    return "https://%s%s" % (match[1], match[2]) if match else url


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def answer(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        parsed = urllib.parse.urlsplit(self.path)
        origins = self.server.origins
        with origins.lock:
            origins.log.append({
                "method": self.command, "url": from_plain(self.path), "path": parsed.path,
                "query": [list(pair) for pair in urllib.parse.parse_qsl(parsed.query, keep_blank_values=True)],
                "headers": {name.lower(): value for name, value in self.headers.items()},
                "body": body.decode("utf-8", "replace"), "body_b64": base64.b64encode(body).decode(), "t": time.time(),
            })
            location = origins.locations.pop(0) if origins.locations else None
        text = b'{"data": []}'
        self.send_response_only(origins.status if location is not None else 200)
        if location is not None:
            self.send_header("Location", to_plain(location))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer


class Origins:
    def __init__(self, fixture):
        script = json.loads(fixture.get("input") or "{}")
        self.status = script.get("status")
        self.locations = list(script.get("locations") or ([script["location"]] if "location" in script else []))
        self.log = []
        self.lock = threading.Lock()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.origins = self
        self.proxy = "http://127.0.0.1:%d" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
