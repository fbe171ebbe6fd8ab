"""Faults that the local AWS stand-in shows on demand.

A fault is a JSON object:

    {"match": {"service": "s3", "action": "ListBuckets"}, "times": 2, "kind": "delay", "ms": 500}

`match` may name service, action, access_key, path and host; each value is a
glob pattern, and what is not named matches everything.  `times` is how often
the fault is shown (-1, the default: until cleared).  Kinds and their fields:

    delay      ms                                     wait, then go on as usual
    status     status, code, message, headers         an error in the service's own shape
    close                                             end the connection without an answer
    truncate                                          the real answer, cut in the middle of the body
    trickle    ms                                     the real answer's body, one byte every ms
    chunked                                           the real answer in many small chunks
    garbage                                           bytes that are no HTTP answer
    html       status (200)                           a login page, as captive portals send it
    hang       ms (0: until the client gives up)      no answer at all
    redirect   status (307), location                 a redirect to elsewhere
    bad_crc                                           the real answer with a wrong x-amz-crc32
    xml_bomb                                          XML with nested entities
    huge       bytes                                  an endless looking document of that size
    body       text, status (200), content_type       any text
"""

import fnmatch
import threading
import time

import aws_errors
from http_io import Response

KINDS = ("delay", "status", "close", "truncate", "trickle", "chunked", "garbage", "html", "hang",
         "redirect", "bad_crc", "xml_bomb", "huge", "body")
MATCHABLE = ("service", "action", "access_key", "path", "host")

_GARBAGE = bytes(range(256)) * 4
_HTML = (b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head>"
         b"<body><h1>Please sign in to the network</h1></body></html>\n")
_BOMB_LEVELS = 10


def _xml_bomb():
    lines = ['<?xml version="1.0"?>', "<!DOCTYPE lolz [", ' <!ENTITY lol0 "lol">']
    for level in range(1, _BOMB_LEVELS):
        lines.append(f' <!ENTITY lol{level} "{f"&lol{level - 1};" * 10}">')
    lines += ["]>", f"<lolz>&lol{_BOMB_LEVELS - 1};</lolz>"]
    return "\n".join(lines).encode()


def _huge_prefix(service):
    return {"dynamodb": b'{"TableNames":["', "s3": b"<ListAllMyBucketsResult><Owner><ID>"}.get(
        service, b"<GetCallerIdentityResponse><GetCallerIdentityResult><Account>")


class FaultTable:
    """The faults in force, in the order in which they were added."""

    def __init__(self):
        self._lock = threading.Lock()
        self._faults = []

    def add(self, fault):
        if fault.get("kind") not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}")
        unknown = set(fault.get("match", {})) - set(MATCHABLE)
        if unknown:
            raise ValueError(f"match may not name {', '.join(sorted(unknown))}")
        with self._lock:
            self._faults.append({"times": -1, **fault})

    def clear(self):
        with self._lock:
            self._faults.clear()

    def take(self, facts):
        """The faults to show for a request: all delays up to the first other fault."""
        taken = []
        with self._lock:
            for fault in self._faults:
                if fault["times"] != 0 and all(
                        fnmatch.fnmatchcase(str(facts[name]), pattern)
                        for name, pattern in fault.get("match", {}).items()):
                    taken.append(fault)
                    fault["times"] -= fault["times"] > 0
                    if fault["kind"] != "delay":
                        break
            self._faults = [fault for fault in self._faults if fault["times"] != 0]
        return taken


def instead(fault, service):
    """The answer that the fault shows in place of the real one, or None."""
    kind = fault["kind"]
    if kind == "delay":
        time.sleep(fault["ms"] / 1000)
    elif kind == "status":
        headers = list(fault.get("headers", {}).items())
        return aws_errors.error(service, fault["status"], fault.get("code", "InternalError"),
                                fault.get("message", "An injected fault."), headers=headers)
    elif kind == "close":
        return Response(0, delivery="close")
    elif kind == "garbage":
        return Response(0, _GARBAGE, delivery="raw")
    elif kind == "html":
        return Response(fault.get("status", 200), _HTML, [("Content-Type", "text/html")])
    elif kind == "hang":
        return Response(0, delivery="hang", pace_ms=fault.get("ms", 0))
    elif kind == "redirect":
        return Response(fault.get("status", 307), b"", [("Location", fault["location"])])
    elif kind == "xml_bomb":
        return Response(200, _xml_bomb(), [("Content-Type", "text/xml")])
    elif kind == "huge":
        return Response(200, _huge_prefix(service), [("Content-Type", "text/xml")],
                        delivery="huge", length=fault["bytes"])
    elif kind == "body":
        return Response(fault.get("status", 200), fault["text"].encode("utf-8", "surrogateescape"),
                        [("Content-Type", fault.get("content_type", "text/plain"))])
    return None


def spoil(fault, response):
    """Changes how the real answer is delivered, for the kinds that do that."""
    kind = fault["kind"]
    if kind in ("truncate", "trickle", "chunked"):
        response.delivery = kind
        response.pace_ms = fault.get("ms", 0)
    elif kind == "bad_crc":
        response.headers = [header for header in response.headers if header[0].lower() != "x-amz-crc32"]
        response.headers.append(("x-amz-crc32", "1"))
