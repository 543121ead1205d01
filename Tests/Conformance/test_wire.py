"""What Keyturn sends, compared field by field with what the SDK sends for the same operation.

Every difference is in DIFFERENCES with its reason. One that is not there fails, and so does one that is there and is none.
"""

import base64
import contextlib
import datetime
import email.utils
import hashlib
import hmac
import json
import re
import urllib.parse
import uuid

from azure.identity import (
    CertificateCredential, ManagedIdentityCredential, WorkloadIdentityCredential)

import clients
import lab
import recorder
import test_credentials

NAME = "contoso-sms"
KEYS_VERSION = "2023-04-01"
RESOURCE_VERSION = "2025-09-01"
PROBE_VERSION = "2023-06-14"


def jwt(text):
    header, claims, _ = text.split(".")
    return [json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in (header, claims)]


class Shape:
    """A request as a table of fields: what is new in each request is replaced by what it is, once that is checked."""

    def __init__(self, test, request):
        self.test = test
        self.request = request
        self.fields = {"method": request.method, "path": request.path}
        for name, value in request.query:
            self.put(f"query {name}", value)
        for name, value in request.headers:
            self.put(f"header {name.lower()}", self.header(name.lower(), value))
        self.body()

    def put(self, name, value):
        self.test.assertNotIn(name, self.fields, "it is there twice")
        self.fields[name] = value

    def header(self, name, value):
        test = self.test
        if name == "x-ms-client-request-id" or name == "client-request-id":
            return f"a UUID: {bool(uuid.UUID(value))}"
        if name == "x-ms-date":
            date = email.utils.parsedate_to_datetime(value)
            test.assertLess(abs(datetime.datetime.now(datetime.timezone.utc) - date).total_seconds(), 300)
            test.assertRegex(value, r"^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$")
            return "the time"
        if name == "authorization" and value.startswith("Bearer "):
            return f"Bearer, a token for {jwt(value[7:])[1]['aud'].rstrip('/')}"
        if name == "authorization":
            return self.signature(value)
        if name == "x-identity-header":
            test.assertEqual(value, test.azure.header_file.read_text())
            return "the header of the environment"
        return value

    def signature(self, value):
        """String to sign, headers and key are those of the other side only when this is a good signature."""
        match = re.fullmatch(r"HMAC-SHA256 SignedHeaders=([^&]+)&Signature=(.+)", value)
        self.test.assertEqual(match[1], "x-ms-date;host;x-ms-content-sha256")
        request = self.request
        values = ";".join(request.header(name) for name in match[1].split(";"))
        text = f"{request.method}\n{request.target}\n{values}"
        good = [
            base64.b64encode(hmac.digest(base64.b64decode(key), text.encode(), "sha256")).decode()
            for key in self.test.keys_ever]
        self.test.assertIn(match[2], good)
        return f"HMAC-SHA256 SignedHeaders={match[1]}, and a good signature"

    def body(self):
        request = self.request
        if request.header("x-ms-content-sha256"):
            digest = base64.b64encode(hashlib.sha256(request.body).digest()).decode()
            self.test.assertEqual(request.header("x-ms-content-sha256"), digest)
        if not request.body:
            self.put("body", "none")
        elif (request.header("Content-Type") or "").startswith("application/json"):
            for name, value in json.loads(request.body).items():
                self.put(f"body {name}", value)
        else:
            for name, value in urllib.parse.parse_qsl(request.body.decode(), keep_blank_values=True):
                self.form(name, value)

    def form(self, name, value):
        if name == "client_secret":
            self.test.assertEqual(value, self.test.azure.secret)
            value = "the secret"
        elif name == "client_assertion" and value == self.test.azure.federated_file.read_text():
            value = "the federated token"
        elif name == "client_assertion":
            self.assertion(value)
            return
        elif name == "claims":
            value = json.loads(value)
        self.put(f"form {name}", value)

    def assertion(self, text):
        header, claims = jwt(text)
        for name, value in header.items():
            self.put(f"assertion header {name}", value)
        now = datetime.datetime.now().timestamp()
        self.test.assertTrue(uuid.UUID(claims.pop("jti")))
        for name in ("iat", "nbf"):
            if name in claims:
                self.test.assertAlmostEqual(claims.pop(name), now, delta=300)
                self.put(f"assertion claim {name}", "now")
        self.put("assertion lifetime", f"{round((claims.pop('exp') - now) / 60 + 0.4)} min")
        for name, value in claims.items():
            self.put(f"assertion claim {name}", value)


# Field of a request: why it is another one, or only on one side.
ALL = {
    "header user-agent": "It is another program.",
    "header accept-encoding": "Answers are small, and are read up to a limit in bytes: none is asked for compressed.",
    "header connection": "HTTP/1.1 keeps connections open without being told to.",
}
MANAGER = ALL | {
    "header x-ms-return-client-request-id": "An answer in somebody's log can be found by the id of its request.",
}
NEXT_PAGE = MANAGER | {"header accept": "It is the same list as on the first page, for which the SDK asks for JSON, too."}
REGENERATE = MANAGER | {
    "header connection": "A connection of its own, so that it is known whether the request was sent.",
    "header content-length": "JSON without blanks.",
}
DATA_PLANE = ALL
REQUEST_ID = {"header x-ms-client-request-id": "The answer has the ids that Entra's support asks for."}
MSAL = {
    f"header x-{name}": "Statistics of MSAL."
    for name in ("client-sku", "client-ver", "client-os", "ms-lib-capability", "client-current-telemetry",
                 "client-last-telemetry")
}
CAPABILITY = {
    "form claims": "Says (also) that challenges for claims are understood; the SDK does only when it is asked to.",
    "header content-length": "Other fields, other values.",
}
LOGIN = ALL | REQUEST_ID | MSAL | CAPABILITY | {
    "form client_info": "Asks for the id of a user, and there is none.",
    "header client-request-id": "The answer has the ids that Entra's support asks for.",
}
CERTIFICATE = LOGIN | {
    "assertion claim nbf": "Entra documents it; the SDK's other client sends it, too.",
}
PS256 = CERTIFICATE | {
    "assertion header alg": "PS256 is what Entra recommends; RS256 can be chosen.",
    "assertion header x5t": "The SHA-1 goes with RS256.",
    "assertion header x5t#S256": "The SHA-256 goes with PS256.",
}
RS256 = CERTIFICATE | {"assertion header x5t": "Without the padding, as RFC 7515 has it."}
JSON = {"header accept": "The answer is JSON, and nothing else could be read."}
WORKLOAD = ALL | REQUEST_ID | CAPABILITY | JSON
SERVICE = ALL | JSON | {"header x-ms-client-request-id": "Nobody keeps it."}
MACHINE = SERVICE | {
    "header x-client-sku": "Statistics of MSAL.",
    "header x-client-ver": "Statistics of MSAL.",
}
APP_SERVICE = SERVICE | {"header metadata": "Belongs to virtual machines and Arc."}
DIFFERENCES = {
    "get": MANAGER,
    "list of a subscription": MANAGER,
    "list of a subscription, its next page": NEXT_PAGE,
    "list of a resource group": MANAGER,
    "list of a resource group, its next page": NEXT_PAGE,
    "listKeys": MANAGER,
    "regenerateKey": REGENERATE,
    "rooms": DATA_PLANE,
    "client secret": LOGIN,
    "client secret, after a challenge": LOGIN,
    "client certificate, PS256": PS256,
    "client certificate, RS256": RS256,
    "federated token": WORKLOAD,
    "virtual machine": MACHINE,
    "virtual machine, by client id": MACHINE,
    "virtual machine, by object id": MACHINE,
    "virtual machine, by resource id": MACHINE,
    "App Service": APP_SERVICE,
    "App Service, by client id": APP_SERVICE,
    "Azure Arc, before its challenge": SERVICE,
}


class Wire(lab.Case):
    compared = set()
    ran = set()

    @classmethod
    def tearDownClass(cls):
        # With all tests of the class, not with one of them.
        if cls.ran == {name for name in dir(cls) if name.startswith("test_")}:
            assert cls.compared == DIFFERENCES.keys(), f"never compared: {DIFFERENCES.keys() - cls.compared}"

    def setUp(self):
        super().setUp()
        self.ran.add(self._testMethodName)
        self.certificates = test_credentials.Certificates(self.directory)
        self.azure = self.emulator("--page-size", "1", "--client-certificate", self.certificates.public_file)
        self.recorder = recorder.Recorder(self.azure, self.directory)
        self.addCleanup(self.recorder.stop)
        context = test_credentials.environment()
        context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        self.keys_ever = set()

    def remember_keys(self):
        keys = clients.manager(self.azure).communication_services.list_keys(lab.GROUP, NAME)
        self.keys_ever |= {keys.primary_key, keys.secondary_key}

    def compare(self, operation, theirs, ours):
        """Fails with every difference that is not in the table, and every entry of the table that is none."""
        self.compared.add(operation)
        theirs, ours = Shape(self, theirs).fields, Shape(self, ours).fields
        names = sorted(theirs.keys() | ours.keys())
        differing = {name for name in names if theirs.get(name) != ours.get(name)}
        listed = DIFFERENCES[operation]
        with self.subTest(operation):
            text = [
                f"{name}: the SDK has {theirs.get(name)!r}, Keyturn {ours.get(name)!r}"
                for name in sorted(differing - listed.keys())]
            text += [f"{name}: no difference any more" for name in sorted(listed.keys() - differing)]
            if text:
                self.fail("\n".join([f"{operation}: the table and the requests disagree", *text]))

    def one(self, requests, path, method=None):
        """The first request to a path that ends so."""
        found = [request for request in requests
                 if request.path.endswith(path) and method in (None, request.method)]
        self.assertTrue(found, f"nothing was sent to {path}")
        return found[0]

    def start(self, credential=None, environment=None):
        """A daemon in a directory of its own."""
        directory = self.directory / f"daemon-{len(list(self.directory.iterdir()))}"
        directory.mkdir()
        daemon = lab.Daemon(
            directory, manager=self.recorder.origin, ca_file=self.recorder.ca_file, names=[NAME],
            credential=credential, environment=environment)
        self.addCleanup(daemon.stop)
        return daemon

    def test_keys_and_data_plane(self):
        self.remember_keys()
        services = clients.manager(self.recorder, api_version=KEYS_VERSION).communication_services
        listed = services.list_keys(lab.GROUP, NAME)
        services.regenerate_key(lab.GROUP, NAME, {"keyType": "Secondary"})
        list(clients.data_plane(
            self.recorder, "rooms", listed.primary_connection_string, api_version=PROBE_VERSION).list_rooms())
        sdk = self.recorder.take()
        daemon = self.start()
        first = daemon.wait_published(NAME)
        daemon.rotate(NAME)
        daemon.wait_published(NAME, first)
        daemon.stop()
        self.remember_keys()
        ours = self.recorder.take()
        for operation in ("listKeys", "regenerateKey", "rooms"):
            self.compare(operation, self.one(sdk, f"/{operation}"), self.one(ours, f"/{operation}"))
        # One call after the other, and not only the first, is as the SDK's.
        for request in ours:
            if request.path == "/rooms":
                self.compare("rooms", self.one(sdk, "/rooms"), request)

    def test_a_resource_and_lists(self):
        # Permissions, locks and subscriptions belong to other packages than these SDKs.
        services = clients.manager(self.recorder, api_version=RESOURCE_VERSION).communication_services
        services.get(lab.GROUP, NAME)
        self.assertEqual(len(list(services.list_by_subscription())), 2)
        self.assertEqual(len(list(services.list_by_resource_group(lab.GROUP))), 2)
        sdk = self.recorder.take()
        keyturn = self.keyturn(manager=self.recorder.origin, ca_file=self.recorder.ca_file, names=[NAME])
        keyturn.command("check", "--online")
        scope = ["--subscription", lab.SUBSCRIPTION]
        for more in ([], ["--resource-group", lab.GROUP]):
            found = json.loads(keyturn.command("discover", "--format", "json", *scope, *more))
            self.assertEqual(len(found), 2)
        ours = self.recorder.take()
        self.compare("get", self.one(sdk, lab.resource_id(NAME), "GET"), self.one(ours, lab.resource_id(NAME), "GET"))
        scope = f"/subscriptions/{lab.SUBSCRIPTION}"
        self.compare_lists("list of a subscription", scope, sdk, ours)
        self.compare_lists("list of a resource group", f"{scope}/resourceGroups/{lab.GROUP}", sdk, ours)

    def compare_lists(self, operation, scope, sdk, ours):
        """The first page, and the next one."""
        path = f"{scope}/providers/Microsoft.Communication/communicationServices"
        sdk, ours = ([request for request in requests if request.path == path] for requests in (sdk, ours))
        self.assertEqual([len(sdk), len(ours)], [2, 2])
        self.compare(operation, sdk[0], ours[0])
        self.compare(f"{operation}, its next page", sdk[1], ours[1])
        # The SDK takes the link apart and puts it together again; Keyturn follows it as it is written.
        link = json.loads(ours[0].answer)["nextLink"]
        self.assertEqual(f"{self.recorder.origin}{ours[1].target}", link)
        self.assertNotIn("nextLink", json.loads(ours[1].answer))

    def token_request(self, credential, path):
        self.recorder.take()
        with contextlib.suppress(Exception):
            credential.get_token(clients.SCOPE)
        return self.one(self.recorder.take(), path)

    def our_token_request(self, credential, path, environment=None):
        self.recorder.take()
        daemon = self.start(credential, environment)
        try:
            lab.eventually(
                lambda: any(request.path.endswith(path) for request in self.recorder.peek()),
                lambda: f"a request to {path}\n{daemon.process.log_text[-4000:]}")
        finally:
            daemon.stop()
        return self.one(self.recorder.take(), path)

    def test_token_service(self):
        trusting = clients.trusting(self.recorder)
        secret_file = self.azure.secret_file
        registration = f"tenantId: {lab.TENANT}, clientId: {lab.CLIENT}"
        pem = str(self.certificates.pem_file)
        certificate = CertificateCredential(lab.TENANT, lab.CLIENT, certificate_path=pem, **trusting)
        cases = {
            "client secret": (
                clients.secret_credential(self.recorder),
                f"{{kind: client-secret, {registration}, clientSecretFile: {secret_file}}}"),
            "client certificate, PS256": (
                certificate, f"{{kind: client-certificate, {registration}, certificateFile: {pem}}}"),
            "client certificate, RS256": (
                CertificateCredential(lab.TENANT, lab.CLIENT, certificate_path=pem, **trusting),
                f"{{kind: client-certificate, {registration}, certificateFile: {pem}, signatureAlgorithm: RS256}}"),
            "federated token": (
                WorkloadIdentityCredential(
                    tenant_id=lab.TENANT, client_id=lab.CLIENT, token_file_path=str(self.azure.federated_file),
                    **trusting),
                f"{{kind: workload-identity, {registration}, tokenFile: {self.azure.federated_file}}}"),
        }
        for operation, (theirs, ours) in cases.items():
            path = "/oauth2/v2.0/token"
            self.compare(operation, self.token_request(theirs, path), self.our_token_request(ours, path))

    def test_a_claims_challenge(self):
        self.azure.faults("claimsChallenge")
        secret = (
            f"{{kind: client-secret, tenantId: {lab.TENANT}, clientId: {lab.CLIENT}, "
            f"clientSecretFile: {self.azure.secret_file}}}")

        def last(requests):
            return [request for request in requests if request.path.endswith("/oauth2/v2.0/token")][-1]

        clients.manager(self.recorder).communication_services.list_keys(lab.GROUP, NAME)
        theirs = last(self.recorder.take())
        daemon = self.start(secret)
        daemon.wait_published(NAME)
        daemon.stop()
        ours = last(self.recorder.take())
        self.assertIn("nbf", Shape(self, ours).fields["form claims"]["access_token"])
        self.compare("client secret, after a challenge", theirs, ours)

    def test_managed_identities(self):
        path = "/metadata/identity/oauth2/token"
        machine = {"AZURE_POD_IDENTITY_AUTHORITY_HOST": self.recorder.origin}
        service = {"IDENTITY_ENDPOINT": f"{self.recorder.origin}/msi/token",
                   "IDENTITY_HEADER": self.azure.header_file.read_text()}
        arc = {"IDENTITY_ENDPOINT": f"{self.recorder.origin}/arc/metadata/identity/oauth2/token",
               "IMDS_ENDPOINT": self.recorder.origin}
        by_object, by_resource = {"object_id": lab.OBJECT}, {"resource_id": lab.IDENTITY}
        cases = {
            "virtual machine": (machine, {}, "", path),
            "virtual machine, by client id": (machine, {"client_id": lab.CLIENT}, f", clientId: {lab.CLIENT}", path),
            "virtual machine, by object id": (
                machine, {"identity_config": by_object}, f", objectId: {lab.OBJECT}", path),
            "virtual machine, by resource id": (
                machine, {"identity_config": by_resource}, f", resourceId: {lab.IDENTITY}", path),
            "App Service": (service, {}, "", "/msi/token"),
            "App Service, by client id": (
                service, {"client_id": lab.CLIENT}, f", clientId: {lab.CLIENT}", "/msi/token"),
            # Both go on only with a file in the agent's own directory, which is not this test's.
            "Azure Arc, before its challenge": (arc, {}, "", path),
        }
        for operation, (variables, theirs, ours, where) in cases.items():
            with test_credentials.environment(**variables):
                credential = ManagedIdentityCredential(connection_verify=str(self.recorder.ca_file), **theirs)
                request = self.token_request(credential, where)
            self.compare(
                operation, request,
                self.our_token_request(f"{{kind: managed-identity{ours}}}", where, variables))
