#!/usr/bin/env python3
"""Writes random signing vectors, signed by botocore, for tests/unit/test_sigv4.

usage: make_sigv4_vectors.py OUT.json [seed] [count]
"""
import calendar
import json
import random
import sys
import time
from urllib.parse import quote

from botocore.auth import S3SigV4Auth, SigV4Auth, _host_from_url
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

LETTERS = "abcXYZ0189-._~ /+%=&?#:;@!$'()*,é€😀\"[]{}|\\^`<>\t\n\x01\x7f"
HOSTS = ["sts.eu-west-1.amazonaws.com", "s3.cn-north-1.amazonaws.com.cn",
         "dynamodb.us-gov-west-1.amazonaws.com", "127.0.0.1:5000", "[::1]:5000",
         "localhost:443", "example.com:80"]
WORDS = ["value", "a b", "a   b", '"a   b   c"', " lead", "trail ", "", "x,y", "é€", "a=b; c",
         "tab\tbed", "2", "1"]


def text(rng, longest, letters=LETTERS):
    return "".join(rng.choice(letters) for _ in range(rng.randint(0, longest)))


def make_path(rng, s3):
    if s3:
        special = rng.choice(["", "", "/double//slash/", "./dot/../up", "..", "100%/a%20b",
                              "k" * 1023])
        return "/" + quote(special or text(rng, 30), safe="/~")
    parts = [rng.choice(["", ".", "..", quote(text(rng, 8), safe="~"), "raw é",
                         "two words", "a+b", "a:b"]) for _ in range(rng.randint(0, 6))]
    return "/" + "/".join(parts)


def make_query(rng):
    names = ["list-type", "prefix", "acl", "é", "a b", "A", "a", "a-", "a.b", "%", "+"]
    pairs = []
    for _ in range(rng.choice([0, 0, 1, 2, 5, 9])):
        name = quote(rng.choice(names), safe="~")
        value = quote(text(rng, 12), safe="~")
        pairs.append(name if not value and rng.random() < 0.5 else name + "=" + value)
    return "&".join(pairs)


def make_headers(rng):
    names = ["Content-Type", "My-Header", "my-header", "X-Amz-Target", "x-amz-meta-a",
             "Range", "If-Match", "User-Agent", "Expect", "Connection", "X-Amzn-Trace-Id"]
    return [[rng.choice(names), rng.choice(WORDS)] for _ in range(rng.randint(0, 6))]


def make(rng, number):
    s3 = rng.random() < 0.5
    scheme = rng.choice(["http", "https"])
    path, query = make_path(rng, s3), make_query(rng)
    method = rng.choice(["GET", "PUT", "POST", "HEAD"])
    body = text(rng, 60).replace("\x00", "") if method in ("PUT", "POST") else ""
    token = None
    if rng.random() < 0.5:
        token = text(rng, 200, "abcdefgXYZ0123456789+/=") + "="
    secret = text(rng, 40, "abcdefgXYZ0123456789+/") + "s"
    region = rng.choice(["us-east-1", "cn-north-1", "us-gov-west-1"])
    service = "s3" if s3 else rng.choice(["sts", "dynamodb", "service"])
    moment = rng.randint(0, 4102444800)
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(moment))
    assert calendar.timegm(time.strptime(stamp, "%Y%m%dT%H%M%SZ")) == moment

    url = scheme + "://" + rng.choice(HOSTS) + path + ("?" + query if query else "")
    headers = make_headers(rng)
    request = AWSRequest(method=method, url=url, data=body.encode())
    for name, value in headers:
        request.headers.add_header(name, value)
    request.context["timestamp"] = stamp
    kind = S3SigV4Auth if s3 else SigV4Auth
    auth = kind(Credentials("AKIDEXAMPLE", secret, token), service, region)
    auth._modify_request_before_signing(request)
    canonical = auth.canonical_request(request)
    to_sign = auth.string_to_sign(request, canonical)
    auth._inject_signature_to_request(request, auth.signature(to_sign, request))
    return {
        "name": "random-%d" % number, "method": method, "path": path, "query": query,
        "headers": headers + [["Host", _host_from_url(url)]], "body": body,
        "access_key": "AKIDEXAMPLE", "secret_key": secret, "session_token": token,
        "region": region, "service": service, "timestamp": stamp,
        "normalize_path": not s3, "double_encode": not s3, "sign_body": s3,
        "expected_canonical_request": canonical, "expected_string_to_sign": to_sign,
        "expected_authorization": request.headers["Authorization"],
    }


def main():
    out = sys.argv[1]
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 300
    rng = random.Random(seed)
    with open(out, "w", encoding="utf-8") as file:
        json.dump([make(rng, i) for i in range(count)], file, indent=1)


if __name__ == "__main__":
    main()
