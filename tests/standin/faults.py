"""Ways in which an answer goes wrong; each takes the handler and a function that gives the right answer."""

import socket
import struct
import zlib

from standin import Reply


def status(code, body="Internal error", kind="text/html", **headers):
    """Answer a status of error."""
    return lambda handler, _: handler.send(Reply.text(body, code, kind, **headers))


def too_many(retry_after):
    """Answer 429 as SCB's limiter does: plain text, and a header that says how long to wait."""
    text = "API calls quota exceeded! maximum admitted 30 per 10s."
    return status(429, text, "text/plain", Retry_After=retry_after)


def silent(seconds):
    """Say nothing for a while, then hang up."""

    def fault(handler, _):
        handler.pause(seconds)
        handler.close_connection = True

    return fault


def reset(handler, right):
    """Send half of the body, then reset the connection."""
    reply = right()
    handler.send(reply, cut=len(reply.body) // 2)
    handler.wfile.flush()
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


def hang_up(handler, right):
    """Send half of the body, then close as if all were well."""
    reply = right()
    handler.send(reply, cut=len(reply.body) // 2)
    handler.close_connection = True


def truncated(handler, right):
    """Send half of the body and say that this is all."""
    reply = right()
    handler.send(Reply(reply.body[: len(reply.body) // 2], reply.status, reply.kind))


def short_length(handler, right):
    """State a length that is less than what is sent."""
    reply = right()
    handler.send(reply, length=len(reply.body) - 5)
    handler.close_connection = True


def html(handler, _):
    """Answer a page of a stop in service with status 200."""
    page = "<html><head><title>Driftstopp</title></head><body><p>Tjänsten är stängd.</p></body></html>"
    handler.send(Reply.text(page, kind="text/html; charset=utf-8"))


def html_called_json(handler, _):
    """Answer a page that calls itself JSON."""
    handler.send(Reply.text("<html><title>Logga in</title></html>", kind="application/json"))


def bom(handler, right):
    """Answer rightly, with a byte order mark before the text."""
    reply = right()
    reply.body = b"\xef\xbb\xbf" + reply.body
    handler.send(reply)


def gzipped(handler, right):
    """Answer rightly, packed."""
    reply = right()
    pack = zlib.compressobj(wbits=31)
    reply.body = pack.compress(reply.body) + pack.flush()
    reply.headers["Content-Encoding"] = "gzip"
    handler.send(reply)


def gzip_cut(handler, right):
    """Answer packed, without the end, and say that this is all."""
    reply = right()
    pack = zlib.compressobj(wbits=31)
    reply.body = (pack.compress(reply.body) + pack.flush())[:-12]
    reply.headers["Content-Encoding"] = "gzip"
    handler.send(reply)


def endless(handler, _):
    """Send spaces for ever, as fast as they are taken."""
    handler.begin()
    while not handler.server_closing():
        handler.wfile.write(b" " * 65_536)


def dripping(handler, _):
    """Send a byte now and then, for ever."""
    handler.begin()
    while not handler.server_closing():
        handler.wfile.write(b" ")
        handler.wfile.flush()
        handler.pause(0.02)


def dripping_head(handler, _):
    """Send a header that never ends."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    handler.close_connection = True
    while not handler.server_closing():
        handler.wfile.write(b"a")
        handler.wfile.flush()
        handler.pause(0.02)


def huge(handler, _):
    """Announce ten gigabytes."""
    handler.send(Reply(b"[" + b"0," * 1000), length=10_000_000_000)
    handler.close_connection = True


def gzip_bomb(handler, _):
    """Send ten gigabytes packed, a thousandth of it on the wire."""
    handler.begin(Content_Encoding="gzip")
    pack = zlib.compressobj(9, wbits=31)
    zeros = b"0" * 10_000_000
    for _number in range(1000):
        handler.wfile.write(pack.compress(zeros))
    handler.wfile.write(pack.flush())


def redirect(target, code=302):
    """Send on to another address."""
    return lambda handler, _: handler.send(Reply(b"", code, headers={"Location": target}))


def redirect_with_body(target):
    """Send on, with a body that never ends."""

    def fault(handler, _):
        handler.send_response(302)
        handler.send_header("Location", target)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.close_connection = True
        while not handler.server_closing():
            handler.wfile.write(b" " * 65_536)

    return fault
