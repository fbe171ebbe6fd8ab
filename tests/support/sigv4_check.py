"""Checks AWS Signature Version 4 strictly, as the real services do.

The check works on the raw request target.  Everything is written from the
published description of the algorithm and shares no code with the clients
under test.  A request that fails raises Refused with a symbolic reason;
aws_errors.py turns the reason into the answer of the service concerned.
"""

import calendar
import functools
import hashlib
import hmac
import re
import time
from dataclasses import dataclass
from urllib.parse import quote_from_bytes, unquote_to_bytes

ALGORITHM = "AWS4-HMAC-SHA256"
SKEW_SECONDS = {"s3": 900}
DEFAULT_SKEW_SECONDS = 300
UNVERIFIED_PAYLOADS = ("UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")

_SPACES = re.compile(r"[ \t\r\n]+")
_STAMP = re.compile(r"\d{8}T\d{6}Z")
_HEX64 = re.compile(r"[0-9a-f]{64}")


class Refused(Exception):
    """The request is refused; `details` feeds the echoes of the error body."""

    def __init__(self, reason, message=None, **details):
        super().__init__(reason)
        self.reason = reason
        self.message = message
        self.details = details


@dataclass
class Authorization:
    """The parts of the Authorization header."""

    access_key: str
    date: str
    region: str
    service: str
    signed_headers: list
    signature: str


def encode(data, safe=""):
    """URI-encodes bytes as the signature asks: only A-Za-z0-9-_.~ stay."""
    return quote_from_bytes(data, safe=safe + "-_.~")


def to_bytes(text):
    return text.encode("utf-8", "surrogateescape")


def parse_authorization(header):
    """Splits an Authorization header; raises Refused('malformed') when it can't."""
    algorithm, _, rest = header.partition(" ")
    if algorithm != ALGORITHM:
        raise Refused("algorithm")
    fields = {}
    for part in rest.split(","):
        name, equals, value = part.strip().partition("=")
        if not equals or name in fields:
            raise Refused("malformed", f"'{name}' is not a valid key=value pair"
                          " (missing equal-sign or given twice) in Authorization header.")
        fields[name] = value
    for name in ("Credential", "SignedHeaders", "Signature"):
        if not fields.get(name):
            raise Refused("malformed", f"Authorization header requires '{name}' parameter.")
    scope = fields["Credential"].split("/")
    if len(scope) != 5 or scope[4] != "aws4_request":
        raise Refused("malformed", "Credential must have exactly 5 slash-delimited elements,"
                      " e.g. keyid/date/region/service/term")
    signed = fields["SignedHeaders"].split(";")
    if signed != sorted(set(signed)) or fields["SignedHeaders"] != fields["SignedHeaders"].lower():
        raise Refused("malformed", "SignedHeaders must be sorted, unique and in lower case.")
    return Authorization(*scope[:4], signed, fields["Signature"])


def canonical_path(path, service):
    """S3 signs the path encoded once, as it is; the others normalise and encode again."""
    if service == "s3":
        return encode(unquote_to_bytes(to_bytes(path)), "/") or "/"
    kept = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    normal = "/" + "/".join(kept)
    if kept and path.endswith("/"):
        normal += "/"
    return encode(to_bytes(normal), "/")


def canonical_query(query):
    pairs = []
    for part in query.split("&"):
        if part:
            name, _, value = part.partition("=")
            pairs.append(tuple(encode(unquote_to_bytes(to_bytes(text))) for text in (name, value)))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def canonical_request(request, service, signed_headers, payload_hash):
    headers = []
    for name in signed_headers:
        values = [_SPACES.sub(" ", value).strip() for value in request.values(name)]
        headers.append(name + ":" + ",".join(values) + "\n")
    return "\n".join((
        request.method,
        canonical_path(request.path, service),
        canonical_query(request.query),
        "".join(headers),
        ";".join(signed_headers),
        payload_hash,
    ))


def _hmac(key, text):
    return hmac.digest(key, to_bytes(text), "sha256")


@functools.lru_cache(maxsize=256)
def signing_key(secret, date, region, service):
    key = to_bytes("AWS4" + secret)
    for part in (date, region, service, "aws4_request"):
        key = _hmac(key, part)
    return key


def stamp(seconds):
    """A time as YYYYMMDDTHHMMSSZ."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(seconds))


def _check_token(key, request):
    tokens = request.values("x-amz-security-token")
    if key.session_token is None:
        if tokens:
            raise Refused("bad_token", token=tokens[0])
    elif not tokens:
        raise Refused("unknown_key")
    elif tokens != [key.session_token]:
        raise Refused("bad_token", token=tokens[0])


def _check_scope(auth, service, sent_at, regions):
    if auth.service != service:
        raise Refused("scope", f"Credential should be scoped to correct service: '{service}'.")
    if regions and auth.region not in regions:
        raise Refused("scope", "Credential should be scoped to a valid region.", expected=regions[0])
    if auth.date != sent_at[:8]:
        raise Refused("scope", "Date in Credential scope does not match YYYYMMDD from ISO-8601 version"
                      f" of date from HTTP: '{auth.date}' != '{sent_at[:8]}', from '{sent_at}'.")


def _check_signed_headers(auth, request):
    sent = {name.lower() for name, _ in request.headers}
    must = {name for name in sent if name.startswith("x-amz-")} | {"host"}
    missing = sorted(must - set(auth.signed_headers))
    if missing:
        raise Refused("unsigned_headers", headers=missing)


def _check_skew(service, sent_at, now):
    allowed = SKEW_SECONDS.get(service, DEFAULT_SKEW_SECONDS)
    sent = calendar.timegm(time.strptime(sent_at, "%Y%m%dT%H%M%SZ"))
    minutes = allowed // 60
    details = {"sent": sent_at, "now": now, "allowed": allowed}
    if sent < now - allowed:
        raise Refused("skew", f"Signature expired: {sent_at} is now earlier than "
                      f"{stamp(now - allowed)} ({stamp(now)} - {minutes} min.)", **details)
    if sent > now + allowed:
        raise Refused("skew", f"Signature not yet current: {sent_at} is still later than "
                      f"{stamp(now + allowed)} ({stamp(now)} + {minutes} min.)", **details)


def _payload_hash(service, request):
    """The hash that belongs into the canonical request, and the body's true one."""
    true_hash = hashlib.sha256(request.body).hexdigest()
    claimed = request.header("x-amz-content-sha256", None)
    if service != "s3":
        return claimed or true_hash, true_hash
    if claimed is None:
        raise Refused("no_payload_hash")
    if claimed in UNVERIFIED_PAYLOADS:
        return claimed, claimed
    if not _HEX64.fullmatch(claimed):
        raise Refused("bad_payload_hash")
    return claimed, true_hash


def verify(request, service, keys, now, regions=()):
    """Checks the request; returns (key, authorization) or raises Refused.

    `keys` maps access key ids to accounts.Key; `now` is the server's time;
    `regions`, if not empty, are the only ones a scope may name.
    """
    headers = request.values("authorization")
    if not headers:
        raise Refused("missing")
    if len(headers) > 1:
        raise Refused("malformed", "More than one Authorization header.")
    auth = parse_authorization(headers[0])
    key = keys.get(auth.access_key)
    if key is None or not key.active:
        raise Refused("unknown_key", access_key=auth.access_key)
    sent_at = request.header("x-amz-date")
    if not _STAMP.fullmatch(sent_at):
        raise Refused("malformed", "Authorization header requires existence of a valid"
                      " 'X-Amz-Date' header.")
    _check_token(key, request)
    _check_scope(auth, service, sent_at, regions)
    _check_signed_headers(auth, request)
    _check_skew(service, sent_at, now)
    payload_hash, true_hash = _payload_hash(service, request)
    canonical = canonical_request(request, service, auth.signed_headers, payload_hash)
    scope = f"{auth.date}/{auth.region}/{service}/aws4_request"
    digest = hashlib.sha256(to_bytes(canonical)).hexdigest()
    string_to_sign = "\n".join((ALGORITHM, sent_at, scope, digest))
    expected = _hmac(signing_key(key.secret_key, auth.date, auth.region, service), string_to_sign).hex()
    if not hmac.compare_digest(to_bytes(expected), to_bytes(auth.signature)):
        raise Refused("signature", access_key=auth.access_key, signature=auth.signature,
                      string_to_sign=string_to_sign, canonical_request=canonical)
    if payload_hash != true_hash:
        raise Refused("payload_mismatch", claimed=payload_hash, computed=true_hash)
    if key.expired(now):
        raise Refused("expired", token=key.session_token or "")
    return key, auth
