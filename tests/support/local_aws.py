#!/usr/bin/env python3
"""A strict stand-in for STS, S3 and DynamoDB on the loopback interface.

It verifies signatures as the real services do, answers GetCallerIdentity from
its own key table, keeps buckets and tables in moto, and is steered through
paths under /_control/ (JSON in and out):

    POST seed          keys, remove_keys, buckets, tables, regions, as in a seed file;
                       a key given again replaces the old one
    POST fault         one fault or a list of them (see faults.py);  DELETE clears all
    POST clock         {"offset": seconds} shifts the server's time and its Date header
    POST settings      bucket_page, table_page: the most entries per page (0: no cap);
                       wrong_region: redirect, malformed or ignore; regions: [...]
    POST warm          loads moto, and returns when that is done
    GET log            all requests; ?action=A&service=S&status=N... picks some,
                       ?count=1 gives their number only;  DELETE empties it
    GET max_in_flight  {"max": N} since the log was emptied; ?action=A for one action

A seed file holds

    keys     access_key, secret_key, session_token, account, arn, user_id, status,
             expires (ISO time) or expires_in (seconds), and
             deny: ["service:Action[:resource]", ...] with glob patterns
    buckets  name, region, account, objects: [{key, body or size}]
    tables   name, hash_key, range_key, items (how many), account, region
"""

import argparse
import ipaddress
import json
import os
import select
import signal
import socket
import ssl
import sys
import tempfile
import threading
import time
import traceback
import uuid
from urllib.parse import parse_qsl, unquote

import aws_errors
import faults
import http_io
import request_log
import tls_files
from accounts import KeyTable
from http_io import Response
from moto_backend import MotoBackend
from sigv4_check import Refused, parse_authorization, verify

BACKLOG = 512
HANDSHAKE_SECONDS = 10
TABLE_PAGE = 100
STS_VERSION = "2011-06-15"
WRONG_REGION_CHOICES = ("redirect", "malformed", "ignore")


class Call:
    """What a request asks for, as far as it can be told before it is verified."""

    def __init__(self, request):
        self.service, self.action, self.resource = "s3", "", ""
        self.params = {}
        target = request.header("x-amz-target")
        if target.startswith("DynamoDB"):
            self._dynamodb(target, request.body)
        elif request.header("content-type").startswith("application/x-www-form-urlencoded"):
            self._sts(request.body.decode("utf-8", "replace"))
        elif request.path == "/" and "Action=" in request.query:
            self._sts(request.query)
        else:
            self._s3(request)
        try:
            auth = parse_authorization(request.header("authorization"))
            self.access_key, self.region = auth.access_key, auth.region
        except Refused:
            self.access_key = self.region = ""

    def _sts(self, form):
        self.service = "sts"
        self.params = dict(parse_qsl(form, keep_blank_values=True))
        self.action = self.params.get("Action", "")

    def _dynamodb(self, target, body):
        self.service = "dynamodb"
        self.action = target.partition(".")[2]
        try:
            self.params = json.loads(body)
            self.resource = self.params.get("TableName", "")
        except (ValueError, AttributeError):
            self.params = None

    def _s3(self, request):
        bucket, _, key = request.path[1:].partition("/")
        self.bucket = unquote(bucket)
        self.resource = f"{self.bucket}/{unquote(key)}" if key else self.bucket
        self.params = dict(parse_qsl(request.query, keep_blank_values=True))
        verb = {"GET": "Get", "HEAD": "Head", "PUT": "Put", "DELETE": "Delete"}.get(request.method, "Post")
        noun = "Object" if key else "Bucket"
        sub = next((name for name in ("acl", "attributes", "location", "policy", "tagging", "versioning",
                                      "uploads", "versions") if name in self.params), "")
        if not bucket:
            self.action = "ListBuckets"
        elif verb == "Get" and not key and sub in ("", "uploads", "versions"):
            listing = "ListObjectsV2" if self.params.get("list-type") == "2" else "ListObjects"
            self.action = {"uploads": "ListMultipartUploads", "versions": "ListObjectVersions",
                           "": listing}[sub]
        elif verb == "Put" and not key and not sub:
            self.action = "CreateBucket"
        else:
            self.action = verb + noun + sub.capitalize()


class Front:
    """The whole service: verifies a request and finds its answer."""

    def __init__(self, options):
        self.keys = KeyTable()
        self.faults = faults.FaultTable()
        self.log = request_log.RequestLog()
        self.moto = MotoBackend()
        self.offset = 0.0
        self.settings = {
            "bucket_page": 0,
            "table_page": 0,
            "wrong_region": options.wrong_region,
            "regions": [name for name in options.regions.split(",") if name],
        }

    def now(self):
        return time.time() + self.offset

    def seed(self, document):
        if "regions" in document:
            self.settings["regions"] = document["regions"]
        count = self.keys.seed(document.get("keys", ()), document.get("remove_keys", ()))
        self.moto.seed(document.get("buckets", ()), document.get("tables", ()))
        return {"keys": count}

    def answer(self, request, connection):
        """Returns the answer and its log entry (None for control requests)."""
        if request.path.startswith("/_control/"):
            return self._control(request), None
        call = Call(request)
        entry = self.log.begin(connection, request, call, self.now())
        try:
            return self._answer_call(request, call, entry), entry
        except Exception:
            traceback.print_exc()
            return aws_errors.error(call.service, 500, "InternalError", "The stand-in failed."), entry

    def _answer_call(self, request, call, entry):
        shown = self.faults.take({"service": call.service, "action": call.action, "host": entry["host"],
                                  "access_key": call.access_key, "path": request.path})
        for fault in shown:
            entry["fault"] = fault["kind"]
            response = faults.instead(fault, call.service)
            if response is not None:
                return response
        try:
            response = self._verified_answer(request, call)
        except Refused as refusal:
            entry["refused"] = refusal.reason
            response = aws_errors.refusal_answer(call.service, refusal)
        for fault in shown:
            faults.spoil(fault, response)
        return response

    def _verified_answer(self, request, call):
        key, auth = verify(request, call.service, self.keys, self.now(), self.settings["regions"])
        key.check_allowed(call.service, call.action, call.resource, auth.region)
        if call.service == "sts":
            return _caller_identity(key, call)
        if call.service == "dynamodb":
            return self._dynamodb(request, call, key, auth)
        return self._s3(request, call, key, auth)

    def _s3(self, request, call, key, auth):
        if call.action == "ListBuckets":
            if request.method != "GET":
                return aws_errors.error("s3", 405, "MethodNotAllowed",
                                        "The specified method is not allowed against this resource.")
            return self.moto.list_buckets(key, request.query, self.settings["bucket_page"])
        place = self.moto.find_bucket(call.bucket)
        if place and place[0] != key.account:
            raise Refused("denied", "Access Denied")
        if place and place[1] != auth.region and call.action not in ("GetBucketLocation", "CreateBucket"):
            refusal = self._wrong_region(call.bucket, auth.region, place[1])
            if refusal:
                return refusal
        return self.moto.call("s3", key.account, auth.region, request.method, request.target,
                              request.headers, request.body)

    def _wrong_region(self, bucket, given, right):
        headers = [("x-amz-bucket-region", right)]
        if self.settings["wrong_region"] == "redirect":
            return aws_errors.error("s3", 301, "PermanentRedirect",
                                    "The bucket you are attempting to access must be addressed using the"
                                    " specified endpoint. Please send all future requests to this endpoint.",
                                    {"Endpoint": f"{bucket}.s3.{right}.amazonaws.com", "Bucket": bucket},
                                    headers)
        if self.settings["wrong_region"] == "malformed":
            return aws_errors.error("s3", 400, "AuthorizationHeaderMalformed",
                                    "The authorization header is malformed; the region"
                                    f" '{given}' is wrong; expecting '{right}'", {"Region": right}, headers)
        return None

    def _dynamodb(self, request, call, key, auth):
        body = request.body
        if not isinstance(call.params, dict):
            return aws_errors.error("dynamodb", 400, "SerializationException", "The body is no JSON object.")
        if call.action == "ListTables":
            limit = call.params.get("Limit", TABLE_PAGE)
            if not isinstance(limit, int) or not 1 <= limit <= TABLE_PAGE:
                return aws_errors.error("dynamodb", 400, "ValidationException",
                                        f"1 validation error detected: Value '{limit}' at 'limit' failed to"
                                        " satisfy constraint: Member must have value between 1 and 100")
            limit = min(limit, self.settings["table_page"] or TABLE_PAGE)
            body = json.dumps({**call.params, "Limit": limit}).encode()
        return self.moto.call("dynamodb", key.account, auth.region, request.method, "/",
                              request.headers, body)

    def _control(self, request):
        name = request.path[len("/_control/"):]
        try:
            handler = getattr(self, f"_control_{request.method.lower()}_{name}")
        except AttributeError:
            return _json({"error": f"no control {request.method} {name}"}, 404)
        try:
            wish = dict(parse_qsl(request.query))
            document = json.loads(request.body) if request.body else {}
            return handler(wish, document)
        except (ValueError, KeyError, TypeError) as problem:
            return _json({"error": f"{type(problem).__name__}: {problem}"}, 400)

    def _control_post_seed(self, _wish, document):
        return _json(self.seed(document))

    def _control_post_warm(self, _wish, _document):
        self.moto.load()
        return _json({})

    def _control_post_fault(self, _wish, document):
        for fault in document if isinstance(document, list) else [document]:
            self.faults.add(fault)
        return _json({})

    def _control_delete_fault(self, _wish, _document):
        self.faults.clear()
        return _json({})

    def _control_post_clock(self, _wish, document):
        self.offset = float(document["offset"])
        return _json({"offset": self.offset})

    def _control_post_settings(self, _wish, document):
        unknown = set(document) - set(self.settings)
        if unknown:
            raise ValueError(f"unknown settings {', '.join(sorted(unknown))}")
        if document.get("wrong_region", "ignore") not in WRONG_REGION_CHOICES:
            raise ValueError(f"wrong_region must be one of {', '.join(WRONG_REGION_CHOICES)}")
        self.settings.update(document)
        return _json(self.settings)

    def _control_get_log(self, wish, _document):
        count = wish.pop("count", None)
        entries = self.log.entries(wish)
        return _json(len(entries) if count else entries)

    def _control_delete_log(self, _wish, _document):
        self.log.clear()
        return _json({})

    def _control_get_max_in_flight(self, wish, _document):
        return _json({"max": self.log.max_in_flight(wish.get("action"))})


def _json(document, status=200):
    return Response(status, json.dumps(document).encode() + b"\n", [("Content-Type", "application/json")])


def _caller_identity(key, call):
    if call.action != "GetCallerIdentity" or call.params.get("Version") != STS_VERSION:
        return aws_errors.error("sts", 400, "InvalidAction",
                                f"Could not find operation {call.action} for version"
                                f" {call.params.get('Version', 'NO_VERSION_SPECIFIED')}")
    element = aws_errors.element
    return aws_errors.answer("sts", 200, (
        f'<GetCallerIdentityResponse xmlns="{aws_errors.STS_NAMESPACE}">\n  <GetCallerIdentityResult>\n'
        f"    {element('Arn', key.arn)}\n    {element('UserId', key.user_id)}\n"
        f"    {element('Account', key.account)}\n  </GetCallerIdentityResult>\n  <ResponseMetadata>\n"
        f"    {element('RequestId', uuid.uuid4())}\n  </ResponseMetadata>\n</GetCallerIdentityResponse>\n"
    ).encode())


class Server:
    """Accepts connections; each one is served by its own thread."""

    def __init__(self, front):
        self.front = front
        self._count_lock = threading.Lock()
        self._connections = 0

    def listen(self, host, port, context=None):
        """Starts accepting and returns the port."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
        threading.Thread(target=self._accept, args=(listener, context), daemon=True).start()
        return listener.getsockname()[1]

    def _accept(self, listener, context):
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:  # Out of file descriptors: connections that end free some.
                time.sleep(0.01)
                continue
            with self._count_lock:
                self._connections += 1
                number = self._connections
            threading.Thread(target=self._serve, args=(sock, context, number), daemon=True).start()

    def _serve(self, sock, context, number):
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if context is not None:
                sock.settimeout(HANDSHAKE_SECONDS)
                sock = context.wrap_socket(sock, server_side=True)
                sock.settimeout(None)
            with sock, sock.makefile("rb", 65536) as stream:
                while self._serve_one(sock, stream, number):
                    pass
        except OSError:
            sock.close()  # The client went away; that is its right.

    def _serve_one(self, sock, stream, number):
        try:
            request = http_io.read_request(stream, sock)
        except http_io.BadRequest as problem:
            response = Response(400, f"{problem}\n".encode(), [("Content-Type", "text/plain")])
            return http_io.send(sock, "GET", response, self.front.now(), False)
        if request is None:
            return False
        response, entry = self.front.answer(request, number)
        # The log entry is complete before the client can see the answer's end.
        slow = response.delivery in http_io.SLOW_DELIVERIES
        if entry and not slow:
            self.front.log.end(entry, response.status)
        try:
            return http_io.send(sock, request.method, response, self.front.now(), request.keep_alive)
        finally:
            if entry and slow:
                self.front.log.end(entry, response.status)


def write_file(directory, name, text):
    """Writes DIR/name so that a reader sees it whole or not at all."""
    handle, temporary = tempfile.mkstemp(dir=directory, prefix=f".{name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(f"{text}\n")
    os.chmod(temporary, 0o644)
    os.replace(temporary, os.path.join(directory, name))


def finish(directory):
    """Ends the process at once, whatever its threads do."""
    for name in ("port", "tls-port", "pid") if directory else ():
        try:
            os.unlink(os.path.join(directory, name))
        except FileNotFoundError:
            pass
    os._exit(0)


def parse_options(arguments):
    parser = argparse.ArgumentParser(description="A strict local stand-in for STS, S3 and DynamoDB.")
    parser.add_argument("--host", default="127.0.0.1", help="loopback address to bind")
    parser.add_argument("--port", type=int, default=0, help="port (0: choose one)")
    parser.add_argument("--dir", help="directory for the files port, tls-port, ca.pem and pid")
    parser.add_argument("--seed", action="append", default=[], metavar="FILE", help="JSON seed (repeatable)")
    parser.add_argument("--tls", action="store_true", help="listen with TLS on a second port; needs --dir")
    parser.add_argument("--tls-name", action="append", default=[], metavar="NAME",
                        help="a further host name for the certificate (repeatable)")
    parser.add_argument("--regions", default="", help="comma-separated regions a signature may name")
    parser.add_argument("--wrong-region", choices=WRONG_REGION_CHOICES, default="redirect",
                        help="how a bucket answers a request signed for another region")
    parser.add_argument("--warm", action="store_true", help="load moto at once, in the background")
    parser.add_argument("--parent-pid", type=int, help="end when this process has ended")
    parser.add_argument("--max-seconds", type=float, default=3600, help="end after this time")
    options = parser.parse_args(arguments)
    if not ipaddress.ip_address(options.host).is_loopback:
        parser.error("--host must be a loopback address")
    if options.tls and not options.dir:
        parser.error("--tls needs --dir")
    return options


def start(options):
    """Starts serving and tells where."""
    front = Front(options)
    for path in options.seed:
        with open(path, encoding="utf-8") as stream:
            front.seed(json.load(stream))
    server = Server(front)
    shown_host = f"[{options.host}]" if ":" in options.host else options.host
    if options.dir:
        os.makedirs(options.dir, exist_ok=True)
        write_file(options.dir, "pid", os.getpid())
    if options.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls_files.make(options.dir, options.tls_name))
        tls_port = server.listen(options.host, 0, context)
        write_file(options.dir, "tls-port", tls_port)
        print(f"tls https://{shown_host}:{tls_port} ca {os.path.join(options.dir, 'ca.pem')}")
    port = server.listen(options.host, options.port)
    if options.dir:
        write_file(options.dir, "port", port)
    print(f"ready http://{shown_host}:{port}", flush=True)
    if options.warm:
        threading.Thread(target=front.moto.load, daemon=True).start()


def main(arguments):
    options = parse_options(arguments)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: finish(options.dir))
    try:
        watched = [os.pidfd_open(options.parent_pid)] if options.parent_pid else []
    except ProcessLookupError:
        finish(None)
    start(options)
    select.select(watched, [], [], options.max_seconds)
    finish(options.dir)


if __name__ == "__main__":
    main(sys.argv[1:])
