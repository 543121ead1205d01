"""Somebody regenerates keys through the SDK while the daemon runs: it sees that, and mends it."""

import datetime
import json
import time

import clients
import lab

NAME = "contoso-sms"
# Long enough for the daemon to publish a key even on a slow machine that is busy with other things; the check interval
# itself is a second.
GRACE = 60


def good_until(status):
    return datetime.datetime.fromisoformat(status["previousGoodUntil"])


class OutsideHand(lab.Case):
    def setUp(self):
        super().setUp()
        self.azure = self.emulator()
        self.services = clients.manager(self.azure).communication_services

    def start(self, **policy):
        daemon = self.daemon(
            manager=self.azure.origin, ca_file=self.azure.ca_file, names=[NAME],
            policy=lab.Daemon.POLICY.replace("overlap: 1s", f"overlap: {policy.get('overlap', '1s')}"))
        self.first = daemon.wait_published(NAME)
        lab.eventually(lambda: daemon.status(NAME)["phase"] == "settled", "it is settled")
        return daemon

    def keys(self):
        keys = self.services.list_keys(lab.GROUP, NAME)
        return {"Primary": keys.primary_connection_string, "Secondary": keys.secondary_connection_string}

    def events(self, daemon):
        return json.loads(daemon.command("history", NAME, "--format", "json"))

    def call(self, connection_string):
        """A call that is refused when the key is dead."""
        return clients.data_plane(self.azure, "sms", connection_string).send("+14255550123", "+14255550124", "Hello")

    def test_the_published_key(self):
        daemon = self.start()
        for _ in range(3):
            current = daemon.status(NAME)["keyType"]
            before = daemon.published(NAME)
            self.assertEqual(before, self.keys()[current])
            changed = self.services.regenerate_key(lab.GROUP, NAME, {"keyType": current})
            begin = time.monotonic()
            published = daemon.wait_published(NAME, before)
            self.assertLess(time.monotonic() - begin, GRACE)
            self.assertEqual(published, getattr(changed, f"{current.lower()}_connection_string"))
            self.assertTrue(self.call(published)[0].successful)
        told = [event for event in self.events(daemon) if event["event"] == "current-key-changed"]
        self.assertEqual([event["keyType"] for event in told], [current] * 3)
        # The journal says it, too.
        self.assertEqual(daemon.process.log_text.count("reason=current-key-changed"), 3)
        self.assertEqual(len(self.azure.log("regenerateKey")), 3, "the daemon regenerates nothing itself")

    def test_the_other_key(self):
        daemon = self.start(overlap="10min")
        daemon.rotate(NAME)
        second = daemon.wait_published(NAME, self.first)
        lab.eventually(lambda: daemon.status(NAME)["phase"] == "settled", "the rotation is over")
        before = daemon.status(NAME)
        other = "Secondary" if before["keyType"] == "Primary" else "Primary"
        changed = self.services.regenerate_key(lab.GROUP, NAME, {"keyType": other})
        after = lab.eventually(
            lambda: good_until(status := daemon.status(NAME)) > good_until(before) and status,
            lambda: f"the overlap begins anew\n{before}\n{daemon.process.log_text[-4000:]}")
        self.assertEqual(after["keyType"], before["keyType"])
        self.assertEqual(daemon.published(NAME), second)
        self.assertTrue(self.call(second)[0].successful)
        self.assertIn("other-key-changed", [event["event"] for event in self.events(daemon)])
        self.assertEqual(
            (daemon.secrets / NAME / "previous-connection-string").read_text(),
            getattr(changed, f"{other.lower()}_connection_string"))

    def test_both_keys_at_once(self):
        daemon = self.start()
        for key_type in ("Primary", "Secondary"):
            self.services.regenerate_key(lab.GROUP, NAME, {"keyType": key_type})
        published = daemon.wait_published(NAME, self.first)
        self.assertEqual(published, self.keys()[daemon.status(NAME)["keyType"]])
        self.assertTrue(self.call(published)[0].successful)
