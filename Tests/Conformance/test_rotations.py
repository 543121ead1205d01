"""An SDK client sends messages all through many rotations, with the connection string as the file has it: no call is
refused."""

import os
import threading
import time

from azure.core.exceptions import HttpResponseError

import clients
import lab

NAME = "contoso-sms"
ROTATIONS = int(os.environ.get("ROTATIONS", "10"))
# Seconds; what the policy promises.
OVERLAP = 1


class Sender(threading.Thread):
    """Reads the published file, as an application that was told to, and sends."""

    def __init__(self, test, daemon):
        super().__init__(daemon=True)
        self.test = test
        self.daemon_process = daemon
        self.ended = threading.Event()
        self.sent = 0
        self.refused = []
        self.keys = set()
        self.client = None
        self.known = None

    def run(self):
        while not self.ended.is_set():
            begin = time.monotonic()
            try:
                text = self.daemon_process.published(NAME)
                if text != self.known:
                    self.client = clients.data_plane(
                        self.test.azure, "sms", text, **clients.without_retries())
                    self.known = text
                    self.keys.add(text)
                results = self.client.send("+14255550123", "+14255550124", f"Message {self.sent}")
                if not all(result.successful for result in results):
                    raise AssertionError(results)
                self.sent += 1
            except HttpResponseError as error:
                # Nobody has promised anything to an application that needs longer than the overlap for one call.
                if time.monotonic() - begin < OVERLAP:
                    self.refused.append(str(error))
            except Exception as error:  # pylint: disable=broad-exception-caught
                self.refused.append(repr(error))
                return
            self.ended.wait(0.02)


class Rotations(lab.Case):
    POLICY = (
        "{every: 1200ms, overlap: 1s, jitter: 0s, settle: 1s, driftCheck: 5s, "
        "verify: {probes: 3, spacing: 50ms, timeout: 60s}, retry: [500ms, 1s, 2s, 5s]}"
    )

    def rotate(self, *faults):
        self.azure = self.emulator("--write-bucket", "100000", "--write-refill", "10000")
        daemon = self.daemon(
            manager=self.azure.origin, ca_file=self.azure.ca_file, names=[NAME], policy=self.POLICY)
        daemon.wait_published(NAME)
        self.azure.faults(*faults)
        sender = Sender(self, daemon)
        sender.start()
        try:
            lab.eventually(
                lambda: sender.refused or len(sender.keys) > ROTATIONS,
                lambda: f"{len(sender.keys)} keys, {sender.sent} messages\n{daemon.process.log_text[-4000:]}",
                patience=600)
        finally:
            sender.ended.set()
            sender.join(lab.PATIENCE)
        self.assertEqual(sender.refused, [], daemon.process.log_text[-4000:])
        self.assertGreater(sender.sent, len(sender.keys))
        struck = {fault for entry in self.azure.log("regenerateKey") for fault in entry["faults"]}
        self.assertEqual(struck, {fault.partition("=")[0] for fault in faults})
        self.assertEqual(self.azure.messages("sms")[-1]["text"], f"Message {sender.sent - 1}")
        return sender

    def test_no_call_is_refused(self):
        self.rotate()

    def test_no_call_is_refused_although_the_data_plane_is_slow_to_learn(self):
        # One front door learns late, and takes the old key as long: a key is published only when both know it.
        self.rotate("flapping=300", "propagationDelay=200")
