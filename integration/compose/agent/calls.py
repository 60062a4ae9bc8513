# SPDX-License-Identifier: GPL-2.0-or-later
"""Orders and answers between judge and roles: a POST of {"verb", "arguments"}, answered by {"value"} or {"error"}, one at a time.

The network 'control' has nobody else on it, and is not reachable from outside; a verb is a public method of the role, nothing else can be
called."""

import http.server
import json
import threading
import traceback
import urllib.error
import urllib.request

from agent.settings import PORT, ready


class CallFailed(Exception):
    """The other end could not do it, or is not there."""


class Agent:
    """A role, as the judge sees it: agent.verb(arguments)."""

    def __init__(self, name, address):
        self.name, self.address = name, address

    def __getattr__(self, verb):
        return lambda *arguments: self._call(verb, arguments)

    def _call(self, verb, arguments, timeout=180):
        data = json.dumps({"verb": verb, "arguments": arguments}).encode()
        try:
            with urllib.request.urlopen("http://%s:%d/" % (self.address, PORT), data, timeout=timeout) as answer:
                said = json.load(answer)
        except (urllib.error.URLError, OSError, ValueError) as e:
            raise CallFailed("%s does not answer (%s: %s)" % (self.name, verb, e)) from e
        if "error" in said:
            raise CallFailed("%s: %s: %s" % (self.name, verb, said["error"]))
        return said["value"]


def answer(role, text):
    """What ROLE says to a request's body."""
    try:
        said = json.loads(text)
        verb = said["verb"]
        if verb.startswith("_") or not callable(getattr(type(role), verb, None)):
            return {"error": "no such verb"}
        return {"value": getattr(role, verb)(*said["arguments"])}
    except Exception as e:      # whatever it is, the judge must hear of it
        traceback.print_exc()
        return {"error": "%s: %s" % (type(e).__name__, e)}


def serve(role):
    """Until the container ends."""
    lock = threading.Lock()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with lock:
                data = json.dumps(answer(role, body)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer((role.control, PORT), Handler)
    ready()
    server.serve_forever()
