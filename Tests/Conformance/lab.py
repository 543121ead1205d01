"""An emulated Azure over TLS, the daemon, and what the tests share."""

import json
import os
import pathlib
import shutil
import signal
import ssl
import subprocess
import tempfile
import time
import unittest
import urllib.request

SUBSCRIPTION = "00000000-0000-4000-8000-000000000001"
GROUP = "conformance"
TENANT = "00000000-0000-0000-0000-0000000000aa"
CLIENT = "00000000-0000-0000-0000-0000000000cc"
OBJECT = "00000000-0000-0000-0000-0000000000dd"
IDENTITY = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/practice"
    "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/rotator"
)

BINARIES = pathlib.Path(os.environ["KEYTURN_BINARIES"])

# Nothing is waited for as long as this on a machine that works.
PATIENCE = 180


def resource_id(name, group=GROUP, subscription=SUBSCRIPTION):
    return (
        f"/subscriptions/{subscription}/resourceGroups/{group}"
        f"/providers/Microsoft.Communication/communicationServices/{name}"
    )


def eventually(condition, what, patience=PATIENCE):
    """The first true value of the condition."""
    end = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {patience} s: {what() if callable(what) else what}")
        time.sleep(0.05)


class Process:
    """A program with a log of its own, ended when its test is over."""

    def __init__(self, directory, name, arguments, environment=None):
        self.log_file = directory / f"{name}.log"
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                [str(argument) for argument in arguments],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, **(environment or {})},
            )

    @property
    def log_text(self):
        return self.log_file.read_text(errors="replace")

    def check(self):
        if self.process.poll() is not None:
            raise AssertionError(f"it ended with {self.process.returncode}:\n{self.log_text[-4000:]}")

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode


class Emulator:
    def __init__(self, directory, *options, names=("contoso-sms", "contoso-mail"), tls=True):
        self.directory = directory
        self.ca_file = directory / "ca.pem"
        self.secret_file = directory / "client-secret"
        self.federated_file = directory / "federated-token"
        self.header_file = directory / "identity-header"
        self.certificate_file = directory / "client.pem"
        self.arc_directory = directory / "arc"
        self.arc_directory.mkdir()
        ready = directory / "emulator.json"
        arguments = [
            BINARIES / "acs-emulator", "serve", "--quiet", "--ready-file", ready,
            "--write-client-secret", self.secret_file, "--write-federated-token", self.federated_file,
            "--write-identity-header", self.header_file, "--write-client-certificate", self.certificate_file,
            "--arc-directory", self.arc_directory,
        ]
        for name in names:
            arguments += ["--resource", f"{SUBSCRIPTION}/{GROUP}/{name}" if "/" not in name else name]
        if tls:
            arguments += ["--tls", "--ca-file", self.ca_file]
        self.process = Process(directory, "emulator", arguments + list(options))

        def is_ready():
            self.process.check()
            return ready.exists()

        try:
            eventually(is_ready, "the emulator listens")
        except BaseException:
            self.process.stop()
            raise
        facts = json.loads(ready.read_text())
        self.origin = facts["resourceManager"]
        self.port = facts["port"]
        self.endpoints = {resource["name"]: resource["endpoint"] for resource in facts["resources"]}
        self._context = ssl.create_default_context(cafile=str(self.ca_file)) if tls else None

    @property
    def secret(self):
        return self.secret_file.read_text()

    def control(self, method, path, body=None):
        request = urllib.request.Request(f"{self.origin}/_emulator/{path}", method=method)
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(request, data, PATIENCE, context=self._context) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def faults(self, *faults):
        self.control("PUT", "faults", {"faults": list(faults)})

    def regenerate(self, name, key_type):
        """An outside hand."""
        return self.control("POST", "regenerate", {"resource": name, "keyType": key_type})["fingerprint"]

    def log(self, operation=None, since=0):
        entries = self.control("GET", f"log?since={since}")
        return [entry for entry in entries if operation is None or entry["operation"] == operation]

    def messages(self, kind):
        return [message for message in self.control("GET", "messages")["messages"] if message["kind"] == kind]

    def stop(self):
        self.process.stop()


class Keyturn:
    """The real thing, on a configuration of its own: resources by their names, and rules that discover more."""

    POLICY = (
        "{every: 1000d, overlap: 1s, jitter: 0s, settle: 2s, driftCheck: 1s, "
        "verify: {probes: 2, spacing: 100ms, timeout: 60s}, retry: [500ms, 1s, 2s, 5s]}"
    )

    def __init__(
            self, directory, *, manager, ca_file, names=(), rules=(), policy=POLICY, credential=None,
            environment=None):
        self.directory = directory
        self.secrets = directory / "secrets"
        self.configuration = directory / "keyturn.yaml"
        credential = credential or "{kind: managed-identity}"
        lines = [
            "azure:",
            "  cloud:",
            f"    resourceManager: {manager}",
            f"    login: {manager}",
            "    audience: https://management.azure.com",
            f"    caFile: {ca_file}",
            f"  credential: {credential}",
            f"state: {{directory: {directory}/state}}",
            f"secrets: {{directory: {self.secrets}}}",
            f"control: {{socket: {directory}/control.sock}}",
            f"policies: {{only: {policy}}}",
        ]
        if names:
            lines.append("resources:")
        for name in names:
            lines.append(
                f"  - {{name: {name}, subscription: {SUBSCRIPTION}, resourceGroup: {GROUP}, policy: only, "
                "run: [[/usr/bin/true]]}"
            )
        if rules:
            lines.append("discover:")
        lines += [f"  - {rule}" for rule in rules]
        self.configuration.write_text("\n".join(lines) + "\n")
        self.environment = {"AZURE_POD_IDENTITY_AUTHORITY_HOST": manager, **(environment or {})}

    def command(self, *arguments):
        arguments = [BINARIES / "keyturn", *arguments, "--config", self.configuration]
        done = subprocess.run(
            [str(argument) for argument in arguments], capture_output=True, text=True, timeout=PATIENCE,
            stdin=subprocess.DEVNULL, env={**os.environ, **self.environment}, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout


class Daemon(Keyturn):
    """`keyturn run`."""

    def __init__(self, directory, **more):
        super().__init__(directory, **more)
        self.seen = set()
        self.process = Process(
            directory, "keyturn", [BINARIES / "keyturn", "run", "--config", self.configuration], self.environment)

    def published(self, name):
        """The connection string, or nothing when there is none yet."""
        self.process.check()
        try:
            text = (self.secrets / name / "connection-string").read_text()
        except FileNotFoundError:
            return None
        self.seen.add(text)
        return text

    def wait_published(self, name, *others):
        """The connection string as soon as it is none of the others."""
        return eventually(
            lambda: (text := self.published(name)) not in (None, *others) and text,
            lambda: f"{name} is published anew\n{self.process.log_text[-4000:]}")

    def rotate(self, name):
        """Rotates as soon as nothing is under way, and returns at once."""
        def is_settled():
            status = self.status(name)
            return status["phase"] == "settled" and status["health"] == "ok"

        eventually(is_settled, lambda: f"{name} is settled\n{self.process.log_text[-4000:]}")
        self.command("rotate", name)

    def statuses(self):
        """By the names of the resources."""
        answer = json.loads(self.command("status", "--format", "json"))
        return {resource["name"]: resource for resource in answer["resources"]}

    def status(self, name):
        return self.statuses()[name]

    def stop(self):
        status = self.process.stop()
        log = self.process.log_text
        for text in self.seen:
            assert text.partition("accesskey=")[2] not in log, "there is a key in the log"
        return status


class Case(unittest.TestCase):
    """A test with a directory of its own."""

    maxDiff = None

    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="keyturn-conformance-"))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)

    def emulator(self, *options, **more):
        emulator = Emulator(self.directory, *options, **more)
        self.addCleanup(emulator.stop)
        return emulator

    def keyturn(self, **more):
        """Commands alone, without a daemon."""
        return Keyturn(self.directory, **more)

    def daemon(self, **more):
        daemon = Daemon(self.directory, **more)
        self.addCleanup(daemon.stop)
        return daemon


class SharedCase(unittest.TestCase):
    """Tests that share an emulator, and leave it as they found it."""

    maxDiff = None
    OPTIONS = ()
    NAMES = ("contoso-sms", "contoso-mail")

    @classmethod
    def setUpClass(cls):
        cls.directory = pathlib.Path(tempfile.mkdtemp(prefix="keyturn-conformance-"))
        cls.addClassCleanup(shutil.rmtree, cls.directory, ignore_errors=True)
        cls.azure = Emulator(cls.directory, *cls.OPTIONS, names=cls.NAMES)
        cls.addClassCleanup(cls.azure.stop)

    def tearDown(self):
        self.azure.faults()
