"""moto in-process: holds the buckets and tables of the local AWS stand-in.

moto takes about half a second to load, so that happens with the first request
that needs it.  Requests reach moto's WSGI applications only after the front
has verified them; moto's own signature check stays off.
"""

import base64
import datetime
import io
import json
import os
import threading
import time
import traceback
from urllib.parse import parse_qsl, quote, unquote_to_bytes

import aws_errors
from sigv4_check import encode, to_bytes

_DROPPED_REQUEST_HEADERS = {"authorization", "connection", "content-length", "content-type", "expect",
                            "host", "transfer-encoding", "user-agent", "x-amz-security-token",
                            "x-moto-account-id"}
_DROPPED_ANSWER_HEADERS = {"connection", "content-length", "content-type", "date", "server",
                           "transfer-encoding", "x-amz-crc32", "x-amz-request-id", "x-amzn-requestid"}
_WRITE_BATCH = 25
_S3_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
_MAX_BUCKETS = 10000


class MotoBackend:
    """Loads moto when it is needed, fills it from the seed, and calls it."""

    def __init__(self):
        self._lock = threading.RLock()
        self._apps = {}
        self._buckets = None
        self._waiting = []

    def seed(self, buckets, tables):
        """Makes the buckets and tables; before moto is loaded they are only noted."""
        with self._lock:
            self._waiting.append((buckets, tables))
            if self._apps:
                self._seed_waiting()

    def load(self):
        """Loads moto unless that was done already."""
        with self._lock:
            if not self._apps:
                for name in ("INITIAL_NO_AUTH_ACTION_COUNT", "MOTO_ACCOUNT_ID"):
                    os.environ.pop(name, None)
                os.environ["S3_IGNORE_SUBDOMAIN_BUCKETNAME"] = "true"
              
                from moto.moto_server.werkzeug_app import create_backend_app
                from moto.s3.models import s3_backends
                self._apps = {name: create_backend_app(name) for name in ("s3", "dynamodb")}
                self._buckets = s3_backends
            self._seed_waiting()

    def _seed_waiting(self):
        while self._waiting:
            buckets, tables = self._waiting.pop(0)
            for bucket in buckets:
                self._make_bucket(bucket)
            for table in tables:
                self._make_table(table)

    def call(self, service, account, region, method, target, headers=(), body=b""):
        """Passes a verified request to moto and returns its answer."""
        self.load()
        path, _, query = target.partition("?")
        stamp = time.strftime("%Y%m%d", time.gmtime())
        environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(to_bytes(path)).decode("latin-1"),
            "RAW_URI": target,
            "QUERY_STRING": to_bytes(query).decode("latin-1"),
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_HOST": "127.0.0.1",
            "HTTP_X_MOTO_ACCOUNT_ID": account,
            "HTTP_AUTHORIZATION": "AWS4-HMAC-SHA256 Credential=LOCALFRONT/"
                                  f"{stamp}/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in headers:
            if name.lower() == "content-type":
                environ["CONTENT_TYPE"] = value
            elif name.lower() not in _DROPPED_REQUEST_HEADERS:
                environ["HTTP_" + name.upper().replace("-", "_")] = to_bytes(value).decode("latin-1")
        return self._run(service, environ)

    def _run(self, service, environ):
        started = []

        def start_response(status, headers, _exc_info=None):
            started[:] = [int(status.split()[0]), headers]

        try:
            with self._lock:
                pieces = self._apps[service](environ, start_response)
                body = b"".join(pieces)
        except Exception:
            traceback.print_exc()
            code = "InternalServerError" if service == "dynamodb" else "InternalError"
            return aws_errors.error(service, 500, code, "moto failed; see the server's standard error.")
        status, headers = started
        kept = [(name, value) for name, value in headers if name.lower() not in _DROPPED_ANSWER_HEADERS]
        response = aws_errors.answer(service, status, body, kept)
        given = {name.lower(): value for name, value in headers}
        if service == "s3" and "content-type" in given:
            response.headers = [(name, given["content-type"] if name == "Content-Type" else value)
                                for name, value in response.headers]
        if environ["REQUEST_METHOD"] == "HEAD":
            response.length = int(given.get("content-length", 0))
        return response

    def _checked_call(self, *arguments, **named):
        response = self.call(*arguments, **named)
        if response.status >= 300:
            raise ValueError(f"moto refused the seed: {response.body.decode('utf-8', 'replace')}")

    def _make_bucket(self, bucket):
        account, region, name = bucket["account"], bucket.get("region", "us-east-1"), bucket["name"]
        if self.find_bucket(name) is None:
            body = b""
            if region != "us-east-1":
                body = (f'<CreateBucketConfiguration xmlns="{_S3_NAMESPACE}"><LocationConstraint>{region}'
                        "</LocationConstraint></CreateBucketConfiguration>").encode()
            self._checked_call("s3", account, region, "PUT", f"/{name}", body=body)
        for entry in bucket.get("objects", ()):
            content = entry["body"].encode() if "body" in entry else b"x" * entry.get("size", 0)
            self._checked_call("s3", account, region, "PUT", f"/{name}/{quote(entry['key'], safe='/')}",
                               body=content)

    def _dynamodb(self, table, action, document):
        self._checked_call("dynamodb", table["account"], table.get("region", "us-east-1"), "POST", "/",
                           [("X-Amz-Target", f"DynamoDB_20120810.{action}"),
                            ("Content-Type", "application/x-amz-json-1.0")],
                           json.dumps(document).encode())

    def _make_table(self, table):
        names = [table["hash_key"]] + ([table["range_key"]] if table.get("range_key") else [])
        self._dynamodb(table, "CreateTable", {
            "TableName": table["name"],
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": name, "KeyType": kind}
                          for name, kind in zip(names, ("HASH", "RANGE"))],
            "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in names],
        })
        items = [{**{name: {"S": f"{name}-{number:06}"} for name in names}, "number": {"N": str(number)}}
                 for number in range(table.get("items", 0))]
        for start in range(0, len(items), _WRITE_BATCH):
            puts = [{"PutRequest": {"Item": item}} for item in items[start:start + _WRITE_BATCH]]
            self._dynamodb(table, "BatchWriteItem", {"RequestItems": {table["name"]: puts}})

    def find_bucket(self, name):
        """(account, region) of the bucket with that name in any account, or None."""
        self.load()
        with self._lock:
            for account, partitions in self._buckets.items():
                for backend in partitions.values():
                    if name in backend.buckets:
                        return account, backend.buckets[name].region_name
        return None

    def _account_buckets(self, account):
        self.load()
        with self._lock:
            return sorted((bucket.name, bucket.region_name, bucket.creation_date)
                          for backend in self._buckets[account].values()
                          for bucket in backend.buckets.values())

    def list_buckets(self, key, query, page_cap):
        """Answers ListBuckets with the paging, prefix and regions that moto lacks."""
        wish = dict(parse_qsl(query, keep_blank_values=True))
        wish.pop("x-id", None)
        size, start = wish.get("max-buckets"), ""
        if size is not None and not (size.isdigit() and 1 <= int(size) <= _MAX_BUCKETS):
            return aws_errors.error("s3", 400, "InvalidArgument",
                                    f"Argument max-buckets must be an integer between 1 and {_MAX_BUCKETS}.",
                                    {"ArgumentName": "max-buckets", "ArgumentValue": size})
        if "continuation-token" in wish:
            try:
                start = base64.b64decode(wish["continuation-token"], validate=True).decode()
            except ValueError:
                return aws_errors.error("s3", 400, "InvalidArgument",
                                        "The continuation token provided is incorrect",
                                        {"ArgumentName": "continuation-token"})
        prefix, region = wish.get("prefix", ""), wish.get("bucket-region")
        found = [bucket for bucket in self._account_buckets(key.account)
                 if bucket[0].startswith(prefix) and bucket[0] > start and region in (None, bucket[1])]
        limit = min(int(size or _MAX_BUCKETS), page_cap or _MAX_BUCKETS) if wish else len(found)
        return aws_errors.answer("s3", 200, _bucket_list(key, found[:limit], len(found) > limit, wish))


def _bucket_list(key, buckets, more, wish):
    element = aws_errors.element
    lines = [f'<?xml version="1.0" encoding="UTF-8"?>\n<ListAllMyBucketsResult xmlns="{_S3_NAMESPACE}">'
             f"<Owner>{element('ID', key.account.encode().hex().ljust(64, '0'))}</Owner><Buckets>"]
    for name, region, created in buckets:
        date = created.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        lines.append("<Bucket>" + element("Name", name) + element("CreationDate", date)
                     + (element("BucketRegion", region) if wish else "") + "</Bucket>")
    lines.append("</Buckets>")
    if more:
        token = base64.b64encode(buckets[-1][0].encode()).decode()
        lines.append(element("ContinuationToken", token))
    if "prefix" in wish:
        lines.append(element("Prefix", wish["prefix"]))
    lines.append("</ListAllMyBucketsResult>")
    return "".join(lines).encode()
