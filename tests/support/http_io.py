"""Reading HTTP/1.1 requests and writing answers for the local AWS stand-in.

The request target and the header lines are kept exactly as they came over the
wire, because signatures are checked over them.  An answer can be delivered
whole or in one of several faulty ways (see send()).
"""

import email.utils
import http.client
import socket
import time
from dataclasses import dataclass, field

MAX_LINE = 65536
MAX_HEADERS = 200
MAX_BODY = 64 * 1024 * 1024
HUGE_BLOCK = 65536

# Deliveries that take long: the request stays in flight until they end.
SLOW_DELIVERIES = ("trickle", "hang", "huge")


class BadRequest(Exception):
    """The bytes received are not an HTTP request this server takes."""


@dataclass
class Request:
    """One request as received."""

    method: str
    target: str
    headers: list
    body: bytes
    keep_alive: bool

    @property
    def path(self):
        return self.target.partition("?")[0]

    @property
    def query(self):
        return self.target.partition("?")[2]

    def values(self, name):
        """All values of the header `name` (lower case), in wire order."""
        return [value for key, value in self.headers if key.lower() == name]

    def header(self, name, default=""):
        """The first value of the header `name` (lower case)."""
        for key, value in self.headers:
            if key.lower() == name:
                return value
        return default


@dataclass
class Response:
    """One answer; `delivery` says how send() puts it on the wire."""

    status: int
    body: bytes = b""
    headers: list = field(default_factory=list)
    delivery: str = "plain"
    pace_ms: float = 0
    # Content-Length to announce instead of len(body): HEAD answers and "huge".
    length: int = None


def _line(stream):
    line = stream.readline(MAX_LINE + 1)
    if len(line) > MAX_LINE:
        raise BadRequest("line too long")
    return line


def _read_headers(stream):
    headers = []
    while True:
        line = _line(stream)
        if line in (b"\r\n", b"\n"):
            return headers
        if not line.endswith(b"\n"):
            raise BadRequest("connection ended inside the headers")
        text = line.decode("utf-8", "surrogateescape").rstrip("\r\n")
        if text[0] in " \t" and headers:
            name, value = headers[-1]
            headers[-1] = (name, value + " " + text.strip())
            continue
        name, colon, value = text.partition(":")
        if not colon or not name or name != name.strip():
            raise BadRequest("bad header line")
        headers.append((name, value.strip(" \t")))
        if len(headers) > MAX_HEADERS:
            raise BadRequest("too many headers")


def _read_chunked(stream):
    body = bytearray()
    while True:
        try:
            size = int(_line(stream).split(b";")[0].strip(), 16)
        except ValueError:
            raise BadRequest("bad chunk size") from None
        if size < 0 or len(body) + size > MAX_BODY:
            raise BadRequest("body too large")
        body += stream.read(size)
        _line(stream)
        if size == 0:
            return bytes(body)


def read_request(stream, sock):
    """Reads one request; None when the client ended the connection."""
    line = _line(stream)
    if not line:
        return None
    parts = line.decode("utf-8", "surrogateescape").rstrip("\r\n").split(" ")
    if len(parts) < 3 or not parts[-1].startswith("HTTP/1."):
        raise BadRequest("bad request line")
    # A raw space in the target is the client's mistake, but it is kept.
    method, target, version = parts[0], " ".join(parts[1:-1]), parts[-1]
    if not target.startswith("/"):
        raise BadRequest("the target must be a path")
    request = Request(method, target, _read_headers(stream), b"", True)
    wish = request.header("connection").lower()
    request.keep_alive = wish != "close" if version == "HTTP/1.1" else wish == "keep-alive"
    if request.header("expect").lower() == "100-continue":
        sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    if request.header("transfer-encoding").lower() == "chunked":
        request.body = _read_chunked(stream)
        return request
    lengths = set(request.values("content-length"))
    if len(lengths) > 1 or not all(length.isdigit() for length in lengths):
        raise BadRequest("bad Content-Length")
    length = int(lengths.pop()) if lengths else 0
    if length > MAX_BODY:
        raise BadRequest("body too large")
    request.body = stream.read(length) if length else b""
    if len(request.body) != length:
        raise BadRequest("connection ended inside the body")
    return request


def _head(response, now, keep_alive, length):
    reason = http.client.responses.get(response.status, "Unknown")
    lines = [f"HTTP/1.1 {response.status} {reason}"]
    names = {name.lower() for name, _ in response.headers}
    lines += [f"{name}: {value}" for name, value in response.headers]
    if "date" not in names:
        lines.append("Date: " + email.utils.formatdate(now, usegmt=True))
    if length is None:
        lines.append("Transfer-Encoding: chunked")
    elif response.status not in (204, 304):
        lines.append(f"Content-Length: {length}")
    if not keep_alive:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape")


def _wait_for_close(sock, milliseconds):
    """Returns when the client gives up, at the latest after the given time."""
    sock.settimeout(milliseconds / 1000 if milliseconds else None)
    try:
        sock.recv(1)
    except (socket.timeout, OSError):
        pass


def _send_chunked(sock, head, body):
    pieces = [head]
    for start in range(0, len(body), 7):
        piece = body[start:start + 7]
        pieces.append(b"%x;note=x\r\n%s\r\n" % (len(piece), piece))
    pieces.append(b"0\r\n\r\n")
    sock.sendall(b"".join(pieces))


def _send_huge(sock, head, prefix, total):
    sock.sendall(head + prefix[:total])
    left = total - len(prefix)
    block = b"x" * HUGE_BLOCK
    while left > 0:
        sock.sendall(block[:left])
        left -= HUGE_BLOCK


def send(sock, method, response, now, keep_alive):
    """Puts the answer on the wire; returns whether the connection stays open."""
    kind, body = response.delivery, response.body
    if kind == "close":
        return False
    if kind == "hang":
        _wait_for_close(sock, response.pace_ms)
        return False
    if kind == "raw":
        sock.sendall(body)
        return False
    length = len(body) if response.length is None else response.length
    if method == "HEAD":
        sock.sendall(_head(response, now, keep_alive, length))
    elif kind == "truncate":
        sock.sendall(_head(response, now, keep_alive, length) + body[:length // 2])
        return False
    elif kind == "trickle":
        sock.sendall(_head(response, now, keep_alive, length))
        for index in range(length):
            time.sleep(response.pace_ms / 1000)
            sock.sendall(body[index:index + 1])
    elif kind == "chunked":
        _send_chunked(sock, _head(response, now, keep_alive, None), body)
    elif kind == "huge":
        _send_huge(sock, _head(response, now, keep_alive, length), body, length)
    else:
        sock.sendall(_head(response, now, keep_alive, length) + body)
    return keep_alive
