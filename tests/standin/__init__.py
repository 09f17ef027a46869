"""A server on this machine that stands in for the public sources, on made-up data.

Each service is a module with a class whose ``routes`` is a list of (method, pattern of the path, function).
``StandIn(service, ...)`` serves them; ``fail`` makes the next answers go wrong in a stated way.
"""

import json
import re
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as it came: its path without query, its query, its body."""

    method: str
    path: str
    query: dict
    body: bytes
    headers: dict

    def first(self, name, default=""):
        """Return one value of the query; names are told apart without regard to case."""
        found = [v for k, v in self.query.items() if k.casefold() == name.casefold()]
        return found[0][0] if found else default

    def json(self):
        return json.loads(self.body or b"null")


@dataclass
class Reply:
    """What is answered."""

    body: bytes = b""
    status: int = 200
    kind: str = "application/json; charset=utf-8"
    headers: dict = field(default_factory=dict)

    @classmethod
    def json(cls, data, status=200, kind="application/json; charset=utf-8"):
        return cls(json.dumps(data, ensure_ascii=False).encode(), status, kind)

    @classmethod
    def text(cls, text, status=200, kind="text/plain", **headers):
        named = {name.replace("_", "-"): str(value) for name, value in headers.items()}
        return cls(text.encode(), status, kind, named)


class StandIn:
    """Serves its services on a free port of 127.0.0.1 while used as a context."""

    def __init__(self, *services):
        self.routes = [route for service in services for route in service.routes]
        self.asked = []
        self._faults = deque()
        self._lock = threading.Lock()

    def __enter__(self):
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.standin = self
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.closing = threading.Event()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def fail(self, *faults, where="", times=1):
        """Let the next answers to paths that hold `where` go wrong, one fault each, in order."""
        with self._lock:
            self._faults.extend((where, fault) for fault in faults for _ in range(times))

    def fault(self, path):
        with self._lock:
            for number, (where, fault) in enumerate(self._faults):
                if where in path:
                    del self._faults[number]
                    return fault
        return None

    def encrypt(self, context):
        """Speak TLS from now on."""
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def count(self, where=""):
        return sum(where in asked.path for asked in self.asked)

    def answer(self, asked):
        for method, pattern, function in self.routes:
            match = re.fullmatch(pattern, asked.path)
            if match and method == asked.method:
                return function(asked, match)
        return Reply.json({"type": "about:blank", "title": "Not Found", "status": 404}, 404)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_any(self):
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = parse_qs(parts.query, keep_blank_values=True)
        asked = Asked(self.command, unquote(parts.path), query, body, dict(self.headers))
        self.server.standin.asked.append(asked)
        fault = self.server.standin.fault(asked.path)
        try:
            if fault is None:
                self.send(self.server.standin.answer(asked))
            else:
                fault(self, lambda: self.server.standin.answer(asked))
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_GET = do_POST = handle_any

    def send(self, reply, length=None, cut=None):
        """Answer; `length` states another length than the true one, `cut` sends so many bytes only."""
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.kind)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body) if length is None else length))
        self.end_headers()
        self.wfile.write(reply.body if cut is None else reply.body[:cut])

    def begin(self, kind="application/json", **headers):
        """Begin an answer of unstated length, which ends with the connection."""
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Connection", "close")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.close_connection = True

    def pause(self, seconds):
        self.server.standin.closing.wait(seconds)

    def server_closing(self):
        return self.server.standin.closing.is_set()

    def log_message(self, *_):
        pass
