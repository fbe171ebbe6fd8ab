"""Tests of the local AWS stand-in, with boto3 and botocore's signer as clients.

Run as:  "$(scripts/local-aws --python)" tests/support/test_local_aws.py
"""

import concurrent.futures
import http.client
import importlib.util
import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
import zlib
from email.utils import parsedate_to_datetime

for _name in list(os.environ):
    if _name.startswith("AWS_") or _name.lower().endswith("_proxy"):
        del os.environ[_name]
os.environ.update(AWS_EC2_METADATA_DISABLED="true", AWS_CONFIG_FILE=os.devnull,
                  AWS_SHARED_CREDENTIALS_FILE=os.devnull)

import boto3
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

HERE = pathlib.Path(__file__).resolve().parent
SEED = HERE / "seed.json"
KEYS = {key["name"]: key for key in json.loads(SEED.read_text(encoding="utf-8"))["keys"]}
GCI = b"Action=GetCallerIdentity&Version=2011-06-15"
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}


def wait_for(path, process):
    for _ in range(1000):
        if path.exists():
            return path.read_text(encoding="ascii").strip()
        if process.poll() is not None:
            raise AssertionError("the server ended early")
        time.sleep(0.01)
    raise AssertionError(f"{path.name} did not appear")


def start_server(directory, *options):
    command = [sys.executable, str(HERE / "local_aws.py"), "--dir", directory, "--seed", str(SEED), *options]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


class LocalAwsTest(unittest.TestCase):
    """One server for all tests; each test starts with its controls at rest."""

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.process = start_server(cls.directory.name, "--tls", "--warm", "--max-seconds", "300",
                                   "--parent-pid", str(os.getpid()))
        where = pathlib.Path(cls.directory.name)
        cls.port = int(wait_for(where / "port", cls.process))
        cls.tls_port = int((where / "tls-port").read_text(encoding="ascii"))
        cls.url = f"http://127.0.0.1:{cls.port}"

    @classmethod
    def tearDownClass(cls):
        cls.process.terminate()
        cls.process.wait(10)
        cls.directory.cleanup()

    def setUp(self):
        self.control("DELETE", "fault")
        self.control("POST", "clock", {"offset": 0})
        self.control("POST", "settings", {"bucket_page": 0, "table_page": 0, "wrong_region": "redirect",
                                          "regions": []})
        self.control("DELETE", "log")

    def control(self, method, name, document=None):
        data = None if document is None else json.dumps(document).encode()
        request = urllib.request.Request(f"{self.url}/_control/{name}", data, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def client(self, service, key_name="jane-admin", region="us-east-1", **changes):
        key = {**KEYS[key_name], **changes}
        config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"},
                        connect_timeout=5, read_timeout=5)
        return boto3.client(service, region_name=region, endpoint_url=self.url, config=config,
                            aws_access_key_id=key["access_key"], aws_secret_access_key=key["secret_key"],
                            aws_session_token=key["session_token"])

    def signed(self, service, method="POST", target="/", body=b"", headers=None, key_name="jane-admin"):
        """The request as botocore signs it, for sending with changes."""
        key = KEYS[key_name]
        request = AWSRequest(method, self.url + target, headers or {}, body)
        signer = S3SigV4Auth if service == "s3" else SigV4Auth
        signer(Credentials(key["access_key"], key["secret_key"], key["session_token"]),
               service, "us-east-1").add_auth(request)
        return method, target, body, dict(request.headers.items())

    def send(self, method, target, body, headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request(method, target, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), answer.headers
        finally:
            connection.close()

    def identity(self):
        return self.send(*self.signed("sts", body=GCI, headers=FORM))

    def dynamodb(self, action, body=b"{}", key_name="jane-admin", service="dynamodb"):
        return self.signed(service, body=body, key_name=key_name,
                           headers={"X-Amz-Target": f"DynamoDB_20120810.{action}",
                                    "Content-Type": "application/x-amz-json-1.0"})

    def refused(self, code, call, **arguments):
        with self.assertRaises(ClientError) as caught:
            call(**arguments)
        self.assertEqual(caught.exception.response["Error"]["Code"], code)
        return caught.exception.response

    # Identity

    def test_identity(self):
        for name in ("jane-admin", "ops-user", "jane-other"):
            answer = self.client("sts", name).get_caller_identity()
            for field, entry in (("Account", "account"), ("Arn", "arn"), ("UserId", "user_id")):
                self.assertEqual(answer[field], KEYS[name][entry])

    def test_key_ids_hold_their_account(self):
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
        for key in KEYS.values():
            number = 0
            for letter in key["access_key"][4:]:
                number = number << 5 | letters.index(letter)
            self.assertEqual(f"{number >> 39 & (1 << 40) - 1:012}", key["account"])
            self.assertGreaterEqual(letters.index(key["access_key"][4]), letters.index("Q"))

    def test_refused_keys(self):
        cases = (
            ({"secret_key": "wrong"}, "SignatureDoesNotMatch", "SignatureDoesNotMatch",
             "InvalidSignatureException"),
            ({"access_key": "ASIAUNKNOWNUNKNOWNUN"}, "InvalidClientTokenId", "InvalidAccessKeyId",
             "UnrecognizedClientException"),
            ({"session_token": None}, "InvalidClientTokenId", "InvalidAccessKeyId",
             "UnrecognizedClientException"),
            ({"session_token": "IQoJwrong"}, "InvalidClientTokenId", "InvalidToken",
             "UnrecognizedClientException"),
            ({"key_name": "inactive-user"}, "InvalidClientTokenId", "InvalidAccessKeyId",
             "UnrecognizedClientException"),
            ({"key_name": "jane-expired"}, "ExpiredToken", "ExpiredToken", "ExpiredTokenException"),
        )
        for changes, sts, s3, dynamodb in cases:
            with self.subTest(changes):
                self.refused(sts, self.client("sts", **changes).get_caller_identity)
                self.refused(s3, self.client("s3", **changes).list_buckets)
                answer = self.refused(dynamodb, self.client("dynamodb", **changes).list_tables)
                self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], 400)

    def test_no_authorization(self):
        status, text, _ = self.send("POST", "/", GCI, FORM)
        self.assertEqual((status, "<Code>MissingAuthenticationToken<" in text), (403, True))
        status, text, _ = self.send("GET", "/", None, {})
        self.assertEqual((status, "<Code>AccessDenied<" in text), (403, True))
        status, text, headers = self.send("POST", "/", b"{}",
                                          {"X-Amz-Target": "DynamoDB_20120810.ListTables"})
        self.assertEqual((status, json.loads(text)["__type"]),
                         (400, "com.amazon.coral.service#MissingAuthenticationTokenException"))
        self.assertTrue(headers["x-amzn-errortype"].startswith("MissingAuthenticationTokenException:"))

    def test_seed_replaces_and_removes_keys(self):
        fresh = {**KEYS["ops-user"], "access_key": "AKIAROTATEDROTATED00"}
        sts = self.client("sts", "ops-user", access_key=fresh["access_key"])
        self.refused("InvalidClientTokenId", sts.get_caller_identity)
        self.control("POST", "seed", {"keys": [fresh]})
        self.assertEqual(sts.get_caller_identity()["Account"], fresh["account"])
        self.control("POST", "seed", {"keys": [{**fresh, "status": "Inactive"}]})
        self.refused("InvalidClientTokenId", sts.get_caller_identity)
        self.control("POST", "seed", {"keys": [{**fresh, "session_token": "t", "expires_in": 0}]})
        expired = self.client("sts", **{**fresh, "session_token": "t"})
        self.refused("ExpiredToken", expired.get_caller_identity)
        self.control("POST", "seed", {"remove_keys": [fresh["access_key"]]})
        self.refused("InvalidClientTokenId", sts.get_caller_identity)

    # Strictness of the signature check

    def test_tampered_requests(self):
        method, target, body, headers = self.signed("sts", body=GCI, headers=FORM)
        status, text, _ = self.send(method, target, body + b"&x=1", headers)
        self.assertEqual((status, "<Code>SignatureDoesNotMatch<" in text), (403, True))
        method, target, body, headers = self.signed("s3", "PUT", "/acme-logs/t.txt", b"true")
        status, text, _ = self.send(method, target, b"fals", headers)
        self.assertEqual((status, "<Code>XAmzContentSHA256Mismatch<" in text), (400, True))
        status, text, _ = self.send(method, "/acme-logs/u.txt", b"true", headers)
        self.assertEqual((status, "<Code>SignatureDoesNotMatch<" in text), (403, True))
        self.assertIn(f"<AWSAccessKeyId>{headers['Authorization'].split('=')[1][:20]}<", text)
        self.assertIn("x-amz-security-token:" + KEYS["jane-admin"]["session_token"], text)
        del headers["X-Amz-Content-SHA256"]
        status, text, _ = self.send(method, target, b"true", headers)
        self.assertEqual((status, "<Code>InvalidRequest<" in text), (400, True))

    def test_unsigned_amz_headers(self):
        method, target, body, headers = self.signed("s3", "GET", "/acme-logs/readme.txt")
        status, text, _ = self.send(method, target, body, {**headers, "x-amz-extra": "1"})
        self.assertEqual((status, "<HeadersNotSigned>x-amz-extra</HeadersNotSigned>" in text), (403, True))
        method, target, body, headers = self.dynamodb("ListTables")
        status, text, _ = self.send(method, target, body, {**headers, "x-amz-extra": "1"})
        self.assertEqual((status, "#InvalidSignatureException" in text), (400, True))

    def test_scope(self):
        status, text, _ = self.send(*self.dynamodb("ListTables", service="s3"))
        self.assertEqual((status, "correct service: 'dynamodb'" in text), (400, True))
        self.control("POST", "settings", {"regions": ["eu-west-1"]})
        self.refused("SignatureDoesNotMatch", self.client("sts").get_caller_identity)
        self.refused("AuthorizationHeaderMalformed", self.client("s3").list_buckets)
        self.client("sts", region="eu-west-1").get_caller_identity()

    def test_malformed_authorization(self):
        method, target, body, headers = self.signed("sts", body=GCI, headers=FORM)
        for header in ("AWS4-HMAC-SHA256 Credential=x", "AWS4-HMAC-SHA256 nonsense",
                       headers["Authorization"].replace("aws4_request", "aws3_request")):
            status, text, _ = self.send(method, target, body, {**headers, "Authorization": header})
            self.assertEqual((status, "<Code>IncompleteSignature<" in text), (400, True))

    def test_expired_token_is_echoed(self):
        token = KEYS["jane-expired"]["session_token"]
        self.assertGreater(len(token), 1000)
        self.assertTrue(token.startswith("IQoJb3JpZ2luX2Vj"))
        status, text, _ = self.send(*self.signed("s3", "GET", key_name="jane-expired"))
        self.assertEqual((status, f"<Token-0>{token}</Token-0>" in text), (400, True))

    def test_skew(self):
        for offset, words in ((-360, "Signature not yet current: "), (360, "Signature expired: ")):
            self.control("POST", "clock", {"offset": offset})
            status, text, headers = self.identity()
            self.assertEqual((status, words in text), (403, True))
            moved = parsedate_to_datetime(headers["Date"]).timestamp() - time.time()
            self.assertAlmostEqual(moved, offset, delta=5)
            status, text, _ = self.send(*self.dynamodb("ListTables"))
            self.assertEqual((status, words in json.loads(text)["message"]), (400, True))
            self.assertEqual(self.send(*self.signed("s3", "GET"))[0], 200)
        for offset in (-960, 960):
            self.control("POST", "clock", {"offset": offset})
            status, text, _ = self.send(*self.signed("s3", "GET"))
            self.assertEqual((status, "<Code>RequestTimeTooSkewed<" in text), (403, True))
            self.assertIn("<MaxAllowedSkewMilliseconds>900000<", text)
        self.control("POST", "clock", {"offset": 240})
        self.assertEqual(self.identity()[0], 200)

    # S3 and DynamoDB

    def test_list_buckets(self):
        s3 = self.client("s3")
        whole = s3.list_buckets()
        names = [bucket["Name"] for bucket in whole["Buckets"]]
        self.assertIn("acme.dotted.bucket", names)
        self.assertNotIn("globex-assets", names)
        self.assertNotIn("BucketRegion", whole["Buckets"][0])
        self.assertNotIn("ContinuationToken", whole)
        pages = list(s3.get_paginator("list_buckets").paginate(PaginationConfig={"PageSize": 2}))
        self.assertEqual([bucket["Name"] for page in pages for bucket in page["Buckets"]], names)
        self.assertGreater(len(pages), 2)
        regions = {bucket["Name"]: bucket["BucketRegion"] for page in pages for bucket in page["Buckets"]}
        self.assertEqual(regions["acme-data"], "eu-west-1")
        self.control("POST", "settings", {"bucket_page": 1})
        self.assertEqual(len(s3.list_buckets(MaxBuckets=1000)["Buckets"]), 1)
        self.assertEqual(len(s3.list_buckets()["Buckets"]), len(names))
        self.control("POST", "settings", {"bucket_page": 0})
        found = s3.list_buckets(Prefix="acme-", BucketRegion="eu-west-1")
        self.assertEqual([bucket["Name"] for bucket in found["Buckets"]], ["acme-data"])
        self.refused("InvalidArgument", s3.list_buckets, ContinuationToken="nonsense")

    def test_objects(self):
        s3 = self.client("s3")
        keys = ["a/b c+d%20é.txt", "a//double//slash", "a/x/./y/../z", "a/100%/ü", "a/~tilde=&?#",
                "a/plain"]
        for key in keys:
            s3.put_object(Bucket="acme-empty", Key=key, Body=key.encode())
        found = s3.list_objects_v2(Bucket="acme-empty", Prefix="a/", Delimiter="/")
        self.assertEqual([item["Key"] for item in found["Contents"]],
                         sorted(key for key in keys if key.count("/") == 1))
        self.assertEqual([item["Prefix"] for item in found["CommonPrefixes"]], ["a//", "a/100%/", "a/x/"])
        found = s3.list_objects_v2(Bucket="acme-empty")
        self.assertEqual([item["Key"] for item in found["Contents"]], sorted(keys))
        for key in keys:
            self.assertEqual(s3.get_object(Bucket="acme-empty", Key=key)["Body"].read(), key.encode())
        self.assertEqual(s3.head_object(Bucket="acme-empty", Key="a/plain")["ContentLength"], 7)
        part = s3.get_object(Bucket="acme-logs", Key="large.bin", Range="bytes=10-19")
        self.assertEqual((part["Body"].read(), part["ContentRange"]), (b"x" * 10, "bytes 10-19/100000"))
        self.refused("NoSuchKey", s3.get_object, Bucket="acme-empty", Key="none")
        self.refused("404", s3.head_object, Bucket="acme-empty", Key="none")
        self.refused("NoSuchBucket", s3.list_objects_v2, Bucket="no-such-bucket")
        self.refused("AccessDenied", s3.list_objects_v2, Bucket="globex-assets")

    def test_wrong_region(self):
        _, target, _, headers = self.signed("s3", "GET", "/acme-data?list-type=2")
        status, text, answer = self.send("GET", target, None, headers)
        self.assertEqual((status, answer["x-amz-bucket-region"]), (301, "eu-west-1"))
        self.assertIn("<Code>PermanentRedirect</Code>", text)
        self.assertIsNone(answer["Location"])
        self.assertEqual(self.client("s3").list_objects_v2(Bucket="acme-data")["KeyCount"], 1)
        self.control("POST", "settings", {"wrong_region": "malformed"})
        status, text, _ = self.send("GET", target, None, headers)
        self.assertEqual((status, "<Region>eu-west-1</Region>" in text), (400, True))
        self.control("POST", "settings", {"wrong_region": "ignore"})
        self.assertEqual(self.send("GET", target, None, headers)[0], 200)

    def test_tables(self):
        dynamodb = self.client("dynamodb")
        names = dynamodb.list_tables()["TableNames"]
        self.assertEqual(sorted(names), ["Music.v2-test_1", "orders", "secret-table", "users"])
        europe = self.client("dynamodb", region="eu-west-1")
        self.assertEqual(europe.list_tables()["TableNames"], ["orders-eu"])
        self.assertEqual(self.client("dynamodb", "jane-other").list_tables()["TableNames"], ["inventory"])
        self.control("POST", "settings", {"table_page": 1})
        self.control("DELETE", "log")
        pages = list(dynamodb.get_paginator("list_tables").paginate())
        self.assertEqual([name for page in pages for name in page["TableNames"]], names)
        self.assertEqual(self.control("GET", "log?count=1&action=ListTables"), len(pages))
        self.assertGreaterEqual(len(pages), len(names))
        self.assertEqual(dynamodb.describe_table(TableName="orders")["Table"]["ItemCount"], 40)
        self.assertEqual(len(dynamodb.scan(TableName="orders")["Items"]), 40)
        self.refused("ResourceNotFoundException", dynamodb.describe_table, TableName="none")
        status, text, _ = self.send(*self.dynamodb("ListTables", b'{"Limit":101}'))
        self.assertEqual((status, "#ValidationException" in text), (400, True))

    def test_crc32(self):
        for body in (b"{}", b'{"Limit":0}'):
            _, text, headers = self.send(*self.dynamodb("ListTables", body))
            self.assertEqual(int(headers["x-amz-crc32"]), zlib.crc32(text.encode()))

    def test_denied(self):
        dynamodb = self.client("dynamodb", "reader-denied")
        self.assertIn("secret-table", dynamodb.list_tables()["TableNames"])
        dynamodb.describe_table(TableName="orders")
        self.refused("AccessDeniedException", dynamodb.describe_table, TableName="secret-table")
        status, text, _ = self.send(*self.dynamodb("DescribeTable", b'{"TableName":"secret-table"}',
                                                   "reader-denied"))
        self.assertEqual((status, "is not authorized" in json.loads(text)["Message"]), (400, True))
        s3 = self.client("s3", "reader-denied")
        self.refused("AccessDenied", s3.list_buckets)
        s3.list_objects_v2(Bucket="acme-logs")

    # Faults

    def fault(self, **fault):
        self.control("DELETE", "fault")
        self.control("POST", "fault", {"match": {"service": "sts"}, "times": 1, **fault})

    def test_fault_delay_and_match(self):
        self.control("POST", "fault", {"match": {"action": "GetCaller*", "access_key": "ASIA*"}, "times": 2,
                                       "kind": "delay", "ms": 150})
        self.send(*self.signed("s3", "GET"))
        for least in (0.15, 0.15, 0.0):
            started = time.monotonic()
            self.assertEqual(self.identity()[0], 200)
            taken = time.monotonic() - started
            self.assertGreaterEqual(taken, least)
        self.assertLess(taken, 0.1)

    def test_fault_status(self):
        self.fault(kind="status", status=503, code="SlowDown", message="Reduce.",
                   headers={"x-amz-retry-after": "9"})
        status, text, headers = self.identity()
        self.assertEqual((status, headers["x-amz-retry-after"]), (503, "9"))
        self.assertIn("<Code>SlowDown</Code>", text)
        self.assertEqual(self.identity()[0], 200)
        self.control("POST", "fault", {"match": {"service": "dynamodb"}, "kind": "status", "status": 400,
                                       "code": "ThrottlingException", "message": "Rate exceeded"})
        for _ in range(2):
            self.refused("ThrottlingException", self.client("dynamodb").list_tables)

    def test_faults_that_break_the_answer(self):
        self.fault(kind="close")
        self.assertRaises((http.client.RemoteDisconnected, ConnectionError), self.identity)
        self.fault(kind="truncate")
        self.assertRaises(http.client.IncompleteRead, self.identity)
        self.fault(kind="garbage")
        self.assertRaises(http.client.BadStatusLine, self.identity)
        self.fault(kind="hang", ms=100)
        self.assertRaises((http.client.RemoteDisconnected, ConnectionError), self.identity)
        self.assertEqual(self.control("GET", "log?count=1&fault=hang&status=0"), 1)

    def test_faults_that_change_the_delivery(self):
        self.fault(kind="trickle", ms=0.5)
        started = time.monotonic()
        self.assertIn("<Account>123456789012</Account>", self.identity()[1])
        self.assertGreater(time.monotonic() - started, 0.2)
        self.fault(kind="chunked")
        status, text, headers = self.identity()
        self.assertEqual((status, headers["Transfer-Encoding"]), (200, "chunked"))
        self.assertIn("<Account>123456789012</Account>", text)
        self.fault(kind="bad_crc", match={"service": "dynamodb"})
        _, text, headers = self.send(*self.dynamodb("ListTables"))
        self.assertNotEqual(int(headers["x-amz-crc32"]), zlib.crc32(text.encode()))

    def test_faults_that_answer_something_else(self):
        self.fault(kind="html")
        status, text, headers = self.identity()
        self.assertEqual((status, headers["Content-Type"], "<html>" in text), (200, "text/html", True))
        self.fault(kind="redirect", location="http://127.0.0.1:1/")
        status, _, headers = self.identity()
        self.assertEqual((status, headers["Location"]), (307, "http://127.0.0.1:1/"))
        self.fault(kind="xml_bomb")
        self.assertIn("<!ENTITY lol9 ", self.identity()[1])
        self.fault(kind="huge", bytes=3000000)
        self.assertEqual(len(self.identity()[1]), 3000000)
        self.fault(kind="body", text="ä<Error/>", status=201, content_type="text/xml")
        self.assertEqual(self.identity()[:2], (201, "ä<Error/>"))

    def test_wrong_controls(self):
        for name, document in (("fault", {"kind": "none"}), ("settings", {"x": 1}), ("clock", {}),
                               ("none", {})):
            with self.assertRaises(urllib.error.HTTPError) as caught:
                self.control("POST", name, document)
            caught.exception.close()

    # Connections and the log

    def test_keep_alive_and_log(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        for call in (self.signed("sts", body=GCI, headers=FORM), self.dynamodb("ListTables"),
                     self.signed("s3", "HEAD", "/acme-logs/none"), self.signed("s3", "GET")):
            connection.request(*call)
            connection.getresponse().read()
        connection.close()
        log = self.control("GET", "log")
        self.assertEqual(len({entry["conn"] for entry in log}), 1)
        self.assertEqual([entry["action"] for entry in log],
                         ["GetCallerIdentity", "ListTables", "HeadObject", "ListBuckets"])
        self.assertEqual([entry["status"] for entry in log], [200, 200, 404, 200])
        self.assertEqual({entry["access_key"] for entry in log}, {KEYS["jane-admin"]["access_key"]})
        self.assertEqual({entry["in_flight"] for entry in log}, {1})
        for secret in ("session_token", "secret_key"):
            self.assertNotIn(KEYS["jane-admin"][secret], json.dumps(log))
        self.assertEqual(self.control("GET", "log?count=1&action=GetCallerIdentity"), 1)

    def test_max_in_flight(self):
        self.control("POST", "fault", {"kind": "delay", "ms": 200})
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for status in pool.map(lambda _: self.identity()[0], range(4)):
                self.assertEqual(status, 200)
        self.assertEqual(self.control("GET", "max_in_flight?action=GetCallerIdentity"), {"max": 4})
        self.control("DELETE", "log")
        self.assertEqual(self.control("GET", "max_in_flight"), {"max": 0})

    def test_identity_is_fast(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        call = self.signed("sts", body=GCI, headers=FORM)
        times = []
        for _ in range(200):
            started = time.perf_counter()
            connection.request(*call)
            connection.getresponse().read()
            times.append(time.perf_counter() - started)
        connection.close()
        self.assertLess(sorted(times)[100], 0.005)

    def test_bad_requests(self):
        for data in (b"nonsense\r\n\r\n", b"GET http://x/ HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nbad\r\n\r\n",
                     b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", self.port), 5) as sock:
                sock.sendall(data)
                with sock.makefile("rb") as stream:
                    self.assertTrue(stream.read().startswith(b"HTTP/1.1 400 "))

    def test_tls(self):
        context = ssl.create_default_context(cafile=os.path.join(self.directory.name, "ca.pem"))
        for host in ("localhost", "127.0.0.1"):
            connection = http.client.HTTPSConnection(host, self.tls_port, timeout=5, context=context)
            connection.request("GET", "/_control/log")
            self.assertEqual(connection.getresponse().status, 200)
            connection.close()
        connection = http.client.HTTPSConnection("localhost", self.tls_port, timeout=5)
        self.assertRaises(ssl.SSLCertVerificationError, connection.connect)

    @unittest.skipUnless(importlib.util.find_spec("awscli"), "the AWS CLI is not installed")
    def test_aws_cli(self):
        key = KEYS["jane-admin"]
        environment = {**os.environ, "AWS_ACCESS_KEY_ID": key["access_key"], "AWS_ENDPOINT_URL": self.url,
                       "AWS_SECRET_ACCESS_KEY": key["secret_key"], "AWS_SESSION_TOKEN": key["session_token"],
                       "AWS_DEFAULT_REGION": "us-east-1"}
        for arguments, expected in ((("sts", "get-caller-identity"), key["arn"]),
                                    (("s3", "ls", "s3://acme-logs"), "readme.txt")):
            done = subprocess.run([sys.executable, "-m", "awscli", *arguments], env=environment, check=True,
                                  capture_output=True, text=True)
            self.assertIn(expected, done.stdout)


class LifeTest(unittest.TestCase):
    """How the server starts and ends."""

    def test_sigterm(self):
        with tempfile.TemporaryDirectory() as directory:
            process = start_server(directory)
            wait_for(pathlib.Path(directory, "port"), process)
            self.assertEqual(pathlib.Path(directory, "pid").read_text(encoding="ascii"), f"{process.pid}\n")
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(2), 0)
            self.assertFalse(os.path.exists(os.path.join(directory, "port")))

    def test_parent_and_time_limit(self):
        with tempfile.TemporaryDirectory() as directory:
            with subprocess.Popen(["sleep", "60"]) as parent:
                process = start_server(directory, "--host", "::1", "--parent-pid", str(parent.pid))
                wait_for(pathlib.Path(directory, "port"), process)
                parent.kill()
            self.assertEqual(process.wait(2), 0)
            self.assertEqual(start_server(directory, "--max-seconds", "0.1").wait(5), 0)


if __name__ == "__main__":
    unittest.main()
