"""A TLS proxy in front of an emulator that remembers what it was asked, byte for byte.

It has the emulator's addresses on a port of its own, and a certificate authority of its own. In the answers the emulator's
port becomes its own, so that clients come back to it, also on the data plane. Requests go through as they are, with their
Host header: what is signed stays good.
"""

import base64
import datetime
import http.client
import http.server
import ipaddress
import ssl
import threading
import urllib.parse

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

import lab


class Request:
    def __init__(self, method, address, target, headers, body):
        self.method = method
        self.address = address
        self.target = target
        self.headers = headers
        self.body = body
        # What it was answered with, once it was.
        self.answer = None

    @property
    def path(self):
        return self.target.partition("?")[0]

    @property
    def query(self):
        return urllib.parse.parse_qsl(self.target.partition("?")[2], keep_blank_values=True)

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


class Recorder:
    def __init__(self, emulator, directory):
        self.emulator = emulator
        self.requests = []
        self._lock = threading.Lock()
        self.ca_file = directory / "recorder-ca.pem"
        # As the emulator's clients know it.
        self.secret = emulator.secret
        hosts = ["127.0.0.1"] + [urllib.parse.urlsplit(endpoint).hostname for endpoint in emulator.endpoints.values()]
        server_context = self._certificates(directory, hosts)
        self._client_context = ssl.create_default_context(cafile=str(emulator.ca_file))
        self._servers = lab.eventually(lambda: self._listen(hosts, server_context), "a port for all addresses")
        self.port = self._servers[0].server_address[1]
        self.origin = f"https://127.0.0.1:{self.port}"
        self.endpoints = {name: self._here(endpoint) for name, endpoint in emulator.endpoints.items()}
        for server in self._servers:
            threading.Thread(target=server.serve_forever, daemon=True).start()

    def _here(self, text):
        for host in ("127.0.0.1", *(urllib.parse.urlsplit(url).hostname for url in self.emulator.endpoints.values())):
            text = text.replace(f"{host}:{self.emulator.port}", f"{host}:{self.port}")
        return text

    def _listen(self, hosts, context):
        """A server for each address, all on one port; nothing when another program has that port on one of them."""
        servers = []
        try:
            for host in hosts:
                port = servers[0].server_address[1] if servers else 0
                server = http.server.ThreadingHTTPServer((host, port), self._handler())
                server.daemon_threads = True
                servers.append(server)
                server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        except OSError:
            for server in servers:
                server.server_close()
            return None
        return servers

    def _handler(recorder):  # pylint: disable=no-self-argument
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def handle_one_request(self):
                try:
                    super().handle_one_request()
                except (ConnectionError, ssl.SSLError):
                    self.close_connection = True

            def pass_on(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                address = self.server.server_address[0]
                request = Request(self.command, address, self.path, self.headers.items(), body)
                with recorder._lock:
                    recorder.requests.append(request)
                answer, content = recorder._forward(request)
                self.send_response_only(answer.status, answer.reason)
                for name, value in answer.getheaders():
                    if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                        self.send_header(name, recorder._here(value))
                content = request.answer = recorder._here(content.decode()).encode()
                if answer.status != 204:
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = pass_on

        return Handler

    def _forward(self, request):
        connection = http.client.HTTPSConnection(
            request.address, self.emulator.port, context=self._client_context, timeout=lab.PATIENCE)
        try:
            connection.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
            for name, value in request.headers:
                connection.putheader(name, value)
            connection.endheaders(request.body)
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    def _certificates(self, directory, hosts):
        now = datetime.datetime.now(datetime.timezone.utc)

        def make(name, key, issuer_name, issuer_key, *extensions):
            builder = (
                x509.CertificateBuilder().subject_name(name).issuer_name(issuer_name).public_key(key.public_key())
                .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
                .not_valid_after(now + datetime.timedelta(days=1)))
            for extension, critical in extensions:
                builder = builder.add_extension(extension, critical)
            return builder.sign(issuer_key, hashes.SHA256())

        def named(text):
            return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

        ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        signs = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        authority = make(
            named("conformance authority"), ca_key, named("conformance authority"), ca_key,
            (x509.BasicConstraints(True, 0), True), (signs, True))
        addresses = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host)) for host in hosts])
        leaf = make(
            named("conformance recorder"), key, named("conformance authority"), ca_key, (addresses, False),
            (x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH]), False))
        pem = serialization.Encoding.PEM
        self.ca_file.write_bytes(authority.public_bytes(pem))
        chain = directory / "recorder.pem"
        chain.write_bytes(
            key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            + leaf.public_bytes(pem))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        return context

    def take(self):
        """What came since the last time."""
        with self._lock:
            requests, self.requests = self.requests, []
        return requests

    def peek(self):
        with self._lock:
            return list(self.requests)

    def stop(self):
        for server in self._servers:
            server.shutdown()
            server.server_close()
