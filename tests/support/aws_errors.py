"""Error answers in the shape of STS, S3 and DynamoDB.

S3 echoes what the real service echoes: the key id, the canonical request and,
for refused tokens, the whole session token, so that tests can prove that a
client never shows any of it.
"""

import base64
import json
import secrets
import uuid
import zlib
from xml.sax.saxutils import escape

from http_io import Response
from sigv4_check import stamp

STS_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"

_INVALID = "The security token included in the request is invalid."
_EXPIRED = "The security token included in the request is expired"
_UNSIGNED = "Request is missing Authentication Token"
_MISMATCH = ("The request signature we calculated does not match the signature you provided. Check your"
             " AWS Secret Access Key and signing method. Consult the service documentation for details.")
_S3_MISMATCH = ("The request signature we calculated does not match the signature you provided."
                " Check your key and signing method.")
_S3_SKEW = "The difference between the request time and the current time is too large."
_S3_ALGORITHM = ("The authorization mechanism you have provided is not supported."
                 " Please use AWS4-HMAC-SHA256.")

# Reason -> service -> status, code, message (None: the message of the refusal).
_REFUSALS = {
    "missing": {
        "s3": (403, "AccessDenied", "Access Denied"),
        "sts": (403, "MissingAuthenticationToken", _UNSIGNED),
        "dynamodb": (400, "MissingAuthenticationTokenException", _UNSIGNED)},
    "algorithm": {
        "s3": (400, "InvalidRequest", _S3_ALGORITHM),
        "sts": (403, "MissingAuthenticationToken", _UNSIGNED),
        "dynamodb": (400, "MissingAuthenticationTokenException", _UNSIGNED)},
    "malformed": {
        "s3": (400, "AuthorizationHeaderMalformed", None),
        "sts": (400, "IncompleteSignature", None),
        "dynamodb": (400, "IncompleteSignatureException", None)},
    "scope": {
        "s3": (400, "AuthorizationHeaderMalformed", None),
        "sts": (403, "SignatureDoesNotMatch", None),
        "dynamodb": (400, "InvalidSignatureException", None)},
    "unknown_key": {
        "s3": (403, "InvalidAccessKeyId",
               "The AWS Access Key Id you provided does not exist in our records."),
        "sts": (403, "InvalidClientTokenId", _INVALID),
        "dynamodb": (400, "UnrecognizedClientException", _INVALID)},
    "bad_token": {
        "s3": (400, "InvalidToken", "The provided token is malformed or otherwise invalid."),
        "sts": (403, "InvalidClientTokenId", _INVALID),
        "dynamodb": (400, "UnrecognizedClientException", _INVALID)},
    "expired": {
        "s3": (400, "ExpiredToken", "The provided token has expired."),
        "sts": (403, "ExpiredToken", _EXPIRED),
        "dynamodb": (400, "ExpiredTokenException", _EXPIRED)},
    "skew": {
        "s3": (403, "RequestTimeTooSkewed", _S3_SKEW),
        "sts": (403, "SignatureDoesNotMatch", None),
        "dynamodb": (400, "InvalidSignatureException", None)},
    "unsigned_headers": {
        "s3": (403, "AccessDenied", "There were headers present in the request which were not signed"),
        "sts": (403, "SignatureDoesNotMatch", None),
        "dynamodb": (400, "InvalidSignatureException", None)},
    "no_payload_hash": {
        "s3": (400, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256")},
    "bad_payload_hash": {
        "s3": (400, "InvalidArgument", "x-amz-content-sha256 must be UNSIGNED-PAYLOAD,"
               " STREAMING-UNSIGNED-PAYLOAD-TRAILER or a valid sha256 value.")},
    "payload_mismatch": {
        "s3": (400, "XAmzContentSHA256Mismatch",
               "The provided 'x-amz-content-sha256' header does not match what was computed."),
        "sts": (403, "SignatureDoesNotMatch", _MISMATCH),
        "dynamodb": (400, "InvalidSignatureException", _MISMATCH)},
    "signature": {
        "s3": (403, "SignatureDoesNotMatch", _S3_MISMATCH),
        "sts": (403, "SignatureDoesNotMatch", _MISMATCH),
        "dynamodb": (400, "InvalidSignatureException", _MISMATCH)},
    "denied": {
        "s3": (403, "AccessDenied", None),
        "sts": (403, "AccessDenied", None),
        "dynamodb": (400, "AccessDeniedException", None)},
}


def element(name, text):
    """One XML element; characters that XML cannot hold become '?'."""
    clean = "".join(char if char >= " " or char in "\n\t" else "?" for char in str(text))
    return f"<{name}>{escape(clean)}</{name}>"


def _hex_bytes(text):
    return text.encode("utf-8", "replace").hex(" ")


def _echoes(refusal):
    """The elements that S3 adds to its error body."""
    details = refusal.details
    if refusal.reason in ("expired", "bad_token"):
        return {"Token-0": details["token"]}
    if refusal.reason == "unknown_key" and "access_key" in details:
        return {"AWSAccessKeyId": details["access_key"]}
    if refusal.reason == "unsigned_headers":
        return {"HeadersNotSigned": ", ".join(details["headers"])}
    if refusal.reason == "scope" and "expected" in details:
        return {"Region": details["expected"]}
    if refusal.reason == "payload_mismatch":
        return {"ClientComputedContentSHA256": details["claimed"],
                "S3ComputedContentSHA256": details["computed"]}
    if refusal.reason == "skew":
        now = stamp(details["now"])
        iso = f"{now[:4]}-{now[4:6]}-{now[6:11]}:{now[11:13]}:{now[13:]}"
        return {"RequestTime": details["sent"], "ServerTime": iso,
                "MaxAllowedSkewMilliseconds": details["allowed"] * 1000}
    if refusal.reason == "signature":
        return {"AWSAccessKeyId": details["access_key"],
                "StringToSign": details["string_to_sign"],
                "SignatureProvided": details["signature"],
                "StringToSignBytes": _hex_bytes(details["string_to_sign"]),
                "CanonicalRequest": details["canonical_request"],
                "CanonicalRequestBytes": _hex_bytes(details["canonical_request"])}
    return {}


def crc32_header(body):
    return ("x-amz-crc32", str(zlib.crc32(body)))


def answer(service, status, body, headers=()):
    """An answer of the service with the headers every one of its answers has."""
    headers = list(headers)
    if service == "dynamodb":
        headers += [("Server", "Server"), ("Content-Type", "application/x-amz-json-1.0"),
                    ("x-amzn-RequestId", secrets.token_hex(26).upper()), crc32_header(body)]
    elif service == "sts":
        headers += [("x-amzn-RequestId", str(uuid.uuid4())), ("Content-Type", "text/xml")]
    else:
        headers += [("x-amz-request-id", secrets.token_hex(8).upper()),
                    ("x-amz-id-2", base64.b64encode(secrets.token_bytes(56)).decode()),
                    ("Server", "AmazonS3"), ("Content-Type", "application/xml")]
    return Response(status, body, headers)


def error(service, status, code, message, echoes=None, headers=()):
    """An error answer of the service."""
    if service == "dynamodb":
        field = "Message" if code == "AccessDeniedException" else "message"
        document = {"__type": f"com.amazon.coral.service#{code}", field: message}
        return answer(service, status, json.dumps(document).encode(),
                      [("x-amzn-errortype", f"{code}:http://internal.amazon.com/coral/"), *headers])
    if service == "sts":
        text = (f'<ErrorResponse xmlns="{STS_NAMESPACE}">\n  <Error>\n'
                f"    <Type>{'Sender' if status < 500 else 'Receiver'}</Type>\n"
                f"    {element('Code', code)}\n    {element('Message', message)}\n"
                f"  </Error>\n  <RequestId>{uuid.uuid4()}</RequestId>\n</ErrorResponse>\n")
        return answer(service, status, text.encode(), headers)
    response = answer("s3", status, b"", headers)
    identity = dict(response.headers)
    parts = {"Code": code, "Message": message, **(echoes or {}),
             "RequestId": identity["x-amz-request-id"], "HostId": identity["x-amz-id-2"]}
    response.body = ('<?xml version="1.0" encoding="UTF-8"?>\n<Error>'
                     + "".join(element(name, text) for name, text in parts.items())
                     + "</Error>").encode()
    return response


def refusal_answer(service, refusal):
    """The answer to a request that sigv4_check or a deny rule refused."""
    status, code, message = _REFUSALS[refusal.reason][service]
    if message is None and refusal.reason == "unsigned_headers":
        message = f"'{refusal.details['headers'][0]}' must be a 'SignedHeader' in the AWS Authorization."
    elif message is None:
        message = refusal.message
    if code == "AuthorizationHeaderMalformed":
        message = "The authorization header is malformed; " + message
    return error(service, status, code, message, _echoes(refusal))
