"""azure-identity's credentials against the emulator's token endpoints: each token has to be good for a call."""

import base64
import contextlib
import datetime
import json
import os
from unittest import mock

from azure.core.exceptions import ClientAuthenticationError
from azure.identity import (
    CertificateCredential, ClientSecretCredential, CredentialUnavailableError, DefaultAzureCredential,
    EnvironmentCredential, ManagedIdentityCredential, WorkloadIdentityCredential)
from azure.identity._internal import AadClient, AadClientCertificate
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from msal import managed_identity

import clients
import lab


@contextlib.contextmanager
def environment(**variables):
    """Only these of the variables that Azure's libraries know."""
    ours = ("AZURE_", "IDENTITY_", "IMDS_", "MSI_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    with mock.patch.dict(os.environ, {**kept, **variables}, clear=True):
        yield


class Certificates:
    """A certificate of the app registration, in each form that the SDK takes."""

    def __init__(self, directory, name="Conformance", password=b"a password"):
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        now = datetime.datetime.now(datetime.timezone.utc)
        self.certificate = (
            x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(self.key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=1)).sign(self.key, hashes.SHA256()))
        self.password = password
        self.public_pem = self.certificate.public_bytes(serialization.Encoding.PEM)
        pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        self.pem = self.key.private_bytes(*pem, serialization.NoEncryption()) + self.public_pem
        locked = serialization.BestAvailableEncryption(password)
        self.locked_pem = self.key.private_bytes(*pem, locked) + self.public_pem
        self.pkcs12 = pkcs12.serialize_key_and_certificates(b"app", self.key, self.certificate, None, locked)
        self.public_file = directory / f"{name}.crt"
        self.public_file.write_bytes(self.public_pem)
        self.pem_file = directory / f"{name}.pem"
        self.pem_file.write_bytes(self.pem)
        self.pkcs12_file = directory / f"{name}.p12"
        self.pkcs12_file.write_bytes(self.pkcs12)


class Credentials(lab.Case):
    def setUp(self):
        super().setUp()
        self.certificates = Certificates(self.directory)
        self.azure = self.emulator("--client-certificate", self.certificates.public_file)
        self.trusting = clients.trusting(self.azure)
        context = environment()
        context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)

    def check(self, credential):
        """The claims of a token, which Resource Manager has taken."""
        keys = clients.manager(self.azure, credential).communication_services.list_keys(lab.GROUP, "contoso-sms")
        self.assertTrue(keys.primary_key)
        token = credential.get_token(clients.SCOPE)
        self.assertAlmostEqual(token.expires_on, datetime.datetime.now().timestamp() + 3600, delta=600)
        payload = token.token.split(".")[1]
        return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))

    def test_client_secret(self):
        claims = self.check(clients.secret_credential(self.azure))
        self.assertEqual(claims["aud"].rstrip("/"), "https://management.azure.com")
        self.assertEqual(claims["appid"], lab.CLIENT)
        self.assertEqual(claims["tid"], lab.TENANT)

    def test_client_certificate(self):
        forms = {
            "PEM": {"certificate_path": str(self.certificates.pem_file)},
            "PEM with a password": {
                "certificate_data": self.certificates.locked_pem, "password": self.certificates.password},
            "PKCS#12": {
                "certificate_path": str(self.certificates.pkcs12_file), "password": self.certificates.password},
            "with its chain": {"certificate_path": str(self.certificates.pem_file), "send_certificate_chain": True},
            "the emulator's own": {"certificate_path": str(self.azure.certificate_file)},
        }
        for name, form in forms.items():
            with self.subTest(name):
                self.check(CertificateCredential(lab.TENANT, lab.CLIENT, **form, **self.trusting))

    def test_client_certificate_by_its_sha256(self):
        """CertificateCredential signs with RS256; the client beneath the SDK's other credentials does with PS256."""
        certificate = AadClientCertificate(self.certificates.pem)
        client = AadClient(lab.TENANT, lab.CLIENT, **self.trusting)
        token = client.obtain_token_by_client_certificate([clients.SCOPE], certificate)
        credential = mock.Mock(spec=["get_token"])
        credential.get_token.return_value = token
        self.check(credential)

    def test_workload_identity(self):
        self.check(WorkloadIdentityCredential(
            tenant_id=lab.TENANT, client_id=lab.CLIENT, token_file_path=str(self.azure.federated_file),
            **self.trusting))
        with environment(AZURE_TENANT_ID=lab.TENANT, AZURE_CLIENT_ID=lab.CLIENT,
                         AZURE_FEDERATED_TOKEN_FILE=str(self.azure.federated_file)):
            self.check(WorkloadIdentityCredential(**self.trusting))

    def test_environment(self):
        cases = {
            "secret": {"AZURE_CLIENT_SECRET": self.azure.secret},
            "PEM": {"AZURE_CLIENT_CERTIFICATE_PATH": str(self.certificates.pem_file)},
            "PKCS#12": {"AZURE_CLIENT_CERTIFICATE_PATH": str(self.certificates.pkcs12_file),
                        "AZURE_CLIENT_CERTIFICATE_PASSWORD": self.certificates.password.decode()},
        }
        for name, variables in cases.items():
            more = {"AZURE_TENANT_ID": lab.TENANT, "AZURE_CLIENT_ID": lab.CLIENT,
                    "AZURE_AUTHORITY_HOST": self.azure.origin}
            with self.subTest(name), environment(**variables, **more):
                self.check(EnvironmentCredential(
                    connection_verify=str(self.azure.ca_file), disable_instance_discovery=True))

    def test_managed_identity_of_a_virtual_machine(self):
        forms = [{}, {"client_id": lab.CLIENT}, {"identity_config": {"object_id": lab.OBJECT}},
                 {"identity_config": {"resource_id": lab.IDENTITY}}]
        for form in forms:
            with self.subTest(form), environment(AZURE_POD_IDENTITY_AUTHORITY_HOST=self.azure.origin):
                self.check(ManagedIdentityCredential(connection_verify=str(self.azure.ca_file), **form))
        with environment(AZURE_POD_IDENTITY_AUTHORITY_HOST=self.azure.origin):
            stranger = ManagedIdentityCredential(connection_verify=str(self.azure.ca_file), client_id=lab.OBJECT)
            with self.assertRaises(CredentialUnavailableError):
                stranger.get_token(clients.SCOPE)

    def test_managed_identity_of_app_service(self):
        variables = {"IDENTITY_ENDPOINT": f"{self.azure.origin}/msi/token",
                     "IDENTITY_HEADER": self.azure.header_file.read_text()}
        forms = [{}, {"client_id": lab.CLIENT}, {"identity_config": {"resource_id": lab.IDENTITY}}]
        for form in forms:
            with self.subTest(form), environment(**variables):
                self.check(ManagedIdentityCredential(connection_verify=str(self.azure.ca_file), **form))
        with environment(**{**variables, "IDENTITY_HEADER": "wrong"}):
            stranger = ManagedIdentityCredential(connection_verify=str(self.azure.ca_file))
            with self.assertRaises((CredentialUnavailableError, ClientAuthenticationError)):
                stranger.get_token(clients.SCOPE)

    def test_managed_identity_of_azure_arc(self):
        endpoint = f"{self.azure.origin}/arc/metadata/identity/oauth2/token"
        # Where the agent has its challenges is fixed in the library.
        where = {"linux": f"{self.azure.arc_directory}/"}
        with environment(IDENTITY_ENDPOINT=endpoint, IMDS_ENDPOINT=self.azure.origin), \
                mock.patch.dict(managed_identity._supported_arc_platforms_and_their_prefixes, where):
            self.check(ManagedIdentityCredential(connection_verify=str(self.azure.ca_file)))
        self.assertEqual(list(self.azure.arc_directory.iterdir()), [], "a challenge that was met is gone")

    def test_the_default_chain(self):
        with environment(AZURE_POD_IDENTITY_AUTHORITY_HOST=self.azure.origin, AZURE_TOKEN_CREDENTIALS="prod"):
            self.check(DefaultAzureCredential(connection_verify=str(self.azure.ca_file)))

    def test_what_is_wrong_is_refused(self):
        other = Certificates(self.directory, "Stranger")
        tenant = "00000000-0000-0000-0000-0000000000ab"
        expired = self.directory / "expired"
        expired.write_text("a.b.c")
        cases = {
            "AADSTS7000215": ClientSecretCredential(lab.TENANT, lab.CLIENT, "wrong", **self.trusting),
            "AADSTS700016": ClientSecretCredential(lab.TENANT, lab.OBJECT, self.azure.secret, **self.trusting),
            "AADSTS90002": ClientSecretCredential(tenant, lab.CLIENT, self.azure.secret, **self.trusting),
            "AADSTS700027": CertificateCredential(
                lab.TENANT, lab.CLIENT, certificate_data=other.pem, **self.trusting),
            "AADSTS50027": WorkloadIdentityCredential(
                tenant_id=lab.TENANT, client_id=lab.CLIENT, token_file_path=str(expired), **self.trusting),
        }
        for code, credential in cases.items():
            with self.subTest(code), self.assertRaises(ClientAuthenticationError) as caught:
                credential.get_token(clients.SCOPE)
            self.assertIn(code, str(caught.exception))
        with self.subTest("scope"), self.assertRaises(ClientAuthenticationError) as caught:
            clients.secret_credential(self.azure).get_token("https://management.azure.com/user_impersonation")
        self.assertIn("AADSTS1002012", str(caught.exception))
