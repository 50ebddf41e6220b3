"""Clouds on loopback: servers that answer as told, with a certificate of their own where a client insists on TLS."""

import datetime as dt
import ipaddress
import json
import os
import ssl
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

CLOUD_VARIABLES = ("AWS_", "ARM_", "AZURE_", "GOOGLE_", "GCLOUD_", "CLOUDSDK_", "LAMBDA", "NEBIUS_", "GRPC_")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


@pytest.fixture(autouse=True)
def nobody(monkeypatch, tmp_path):
    """Leave none of the caller's own accounts in reach, and no proxy between a test and loopback."""
    for name in os.environ:
        if name.startswith(CLOUD_VARIABLES) or name in PROXIES:
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))


@dataclass
class Server:
    """Answers by (method, path without its query): a status and a body, JSON unless it is text."""

    url: str = ""
    answers: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)


@pytest.fixture
def serve():
    """Return a function that starts a server; with a certificate it speaks TLS."""
    running = []

    def start(answers=None, certificate=None):
        told = Server(answers=answers or {})

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                path = self.path.partition("?")[0]
                told.asked.append(
                    (self.command, path, body, {name.lower(): value for name, value in self.headers.items()})
                )
                status, answer = told.answers.get((self.command, path), (404, {"error": {"message": f"no {path}"}}))
                text = answer if isinstance(answer, str) else json.dumps(answer)
                self.send_response(status)
                self.send_header("Content-Type", "text/xml" if text.startswith("<") else "application/json")
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            do_POST = do_GET  # noqa: N815 - http.server's name

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate.file, certificate.key_file)
            server.socket = context.wrap_socket(server.socket, server_side=True)
            scheme = "https"
        told.url = f"{scheme}://localhost:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        running.append(server)
        return told

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


@dataclass(frozen=True)
class Certificate:
    """A certificate for localhost that vouches for itself."""

    file: str
    key_file: str
    pem: bytes
    key: bytes


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    names = [x509.DNSName(one) for one in ("localhost", "cpl.iam.localhost", "compute.localhost", "vpc.localhost")]
    alternatives = x509.SubjectAlternativeName([*names, x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now - dt.timedelta(1), now + dt.timedelta(1))
    signed = (
        builder.add_extension(alternatives, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = signed.public_bytes(serialization.Encoding.PEM)
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "cert.pem").write_bytes(pem)
    (folder / "key.pem").write_bytes(plain)
    return Certificate(str(folder / "cert.pem"), str(folder / "key.pem"), pem, plain)


@pytest.fixture
def told():
    """Return a function that turns findings into {name: (state, said, mend)}, and makes sure that no secret is told."""

    def read(findings, *secrets):
        found = {one.name: (one.state, one.said, one.mend) for one in findings}
        assert not [secret for secret in secrets if secret in str(found)]
        return found

    return read
