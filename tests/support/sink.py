"""A real receiver of webhooks over TLS, as friendly or as nasty as its path says."""

import contextlib
import datetime as dt
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NAMES = ("localhost", "hooks.example.com")


class Sink:
    """`url("/500")` answers 500; `got` is all that came: path, headers and body."""

    def __init__(self, folder):
        self.certificate, self.got = folder / "sink.pem", []
        self.is_over = threading.Event()
        _make_certificate(self.certificate)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.context, self._server.sink = context, self
        serve = self._server.serve_forever
        threading.Thread(target=serve, args=[0.02], daemon=True).start()

    @property
    def port(self):
        return self._server.server_address[1]

    def url(self, path="/ok", *, host="localhost"):
        return f"https://{host}:{self.port}{path}"

    def stop(self):
        self.is_over.set()
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request, client_address):
        """A caller that hangs up is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    def setup(self):
        self.request = self.server.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def finish(self):
        with contextlib.suppress(OSError):
            super().finish()
        self.request.close()

    def log_message(self, *_):
        pass

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        sink = self.server.sink
        sink.got.append((self.path, dict(self.headers), self.rfile.read(length)))
        with contextlib.suppress(OSError):
            getattr(self, f"answer_{self.path.strip('/')}", self.answer_status)()

    def answer_status(self):
        """`/503` answers 503."""
        number = self.path.strip("/")
        self.say(int(number) if number.isdigit() else 200, b"no_such_channel")

    def say(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer_busy(self):
        self.say(429, Retry_After="600")

    def answer_redirect(self):
        self.say(302, Location="http://169.254.169.254/latest/meta-data/")

    def answer_hang(self):
        self.server.sink.is_over.wait(60)

    def answer_drip(self):
        """One byte of a header now and then, for as long as anybody listens."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not self.server.sink.is_over.wait(0.05):
            self.wfile.write(b"x")

    def answer_huge(self):
        """More than anybody should read: it ends when the caller hangs up."""
        self.send_response(200)
        self.end_headers()
        for _ in range(1_000_000):
            self.wfile.write(b"y" * 65536)
        self.server.sink.got.append("all of it was read")

    def answer_nothing(self):
        self.connection.close()


def _make_certificate(path):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "the sink of the tests")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=3))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(each) for each in NAMES]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
