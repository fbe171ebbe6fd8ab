"""A certification authority and a server certificate for tests, made with openssl."""

import os
import subprocess
import tempfile

DAYS = "30"


def _openssl(*arguments):
    subprocess.run(("openssl", *arguments), check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def _new_key(path):
    _openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path)


def make(directory, names):
    """Writes directory/ca.pem; returns the paths of the server's chain and key."""
    addresses = ["DNS:localhost", "IP:127.0.0.1", "IP:::1"] + [f"DNS:{name}" for name in names]
    with tempfile.TemporaryDirectory(dir=directory, prefix=".ca.") as work:
        config = os.path.join(work, "openssl.cnf")
        with open(config, "w", encoding="utf-8") as stream:
            stream.write("[req]\ndistinguished_name=name\n[name]\n"
                         "[ca]\nbasicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign\n"
                         "subjectKeyIdentifier=hash\n"
                         "[server]\nbasicConstraints=critical,CA:false\nkeyUsage=critical,digitalSignature\n"
                         "extendedKeyUsage=serverAuth\nsubjectKeyIdentifier=hash\n"
                         f"authorityKeyIdentifier=keyid\nsubjectAltName={','.join(addresses)}\n")
        ca_key, request = os.path.join(work, "ca.key"), os.path.join(work, "server.csr")
        ca, key, chain = (os.path.join(directory, name) for name in ("ca.pem", "server.key", "server.pem"))
        _new_key(ca_key)
        _new_key(key)
        _openssl("req", "-x509", "-new", "-config", config, "-extensions", "ca", "-key", ca_key,
                 "-days", DAYS, "-subj", "/CN=acctfs test authority", "-out", ca)
        _openssl("req", "-new", "-config", config, "-key", key, "-subj", "/CN=localhost", "-out", request)
        _openssl("x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca_key, "-set_serial", "2",
                 "-days", DAYS, "-extfile", config, "-extensions", "server", "-out", chain)
    return chain, key
