"""An exhausted limit: the SDK and the daemon both wait as they are told to, and get what they wanted."""

import concurrent.futures
import datetime

import clients
import lab

NAME = "contoso-sms"


def seconds(entry):
    return datetime.datetime.fromisoformat(entry["time"]).timestamp()


class Throttling(lab.Case):
    WAIT = 3

    def check(self, entries):
        """Nothing is sent again before the time that the refusal named is over."""
        refused = [number for number, entry in enumerate(entries) if entry["status"] == 429]
        self.assertTrue(refused, "nothing was refused")
        for number in refused:
            self.assertLess(number + 1, len(entries), "it was not sent again")
            # The log has milliseconds.
            self.assertGreaterEqual(seconds(entries[number + 1]) - seconds(entries[number]), self.WAIT - 0.01)
        self.assertEqual(entries[-1]["status"], 200)

    def test_the_sdk(self):
        azure = self.emulator()
        azure.faults(f"throttled={self.WAIT},operation=listKeys,count=2")
        keys = clients.manager(azure).communication_services.list_keys(lab.GROUP, NAME)
        self.assertTrue(keys.primary_key)
        self.check(azure.log("listKeys"))

    def test_the_daemon(self):
        azure = self.emulator()
        azure.faults(f"throttled={self.WAIT},operation=listKeys,count=2")
        daemon = self.daemon(
            manager=azure.origin, ca_file=azure.ca_file, names=[NAME],
            policy=lab.Daemon.POLICY.replace("driftCheck: 1s", "driftCheck: 1h"))
        daemon.wait_published(NAME)
        self.check(azure.log("listKeys"))

    def test_a_bucket_that_is_empty(self):
        """The bucket holds a few calls and fills slowly. The SDK empties it; then both come to their ends."""
        azure = self.emulator("--write-bucket", "3", "--write-refill", "1")
        services = clients.manager(azure, **clients.without_retries()).communication_services
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            def is_empty():
                concurrent.futures.wait(
                    [pool.submit(services.list_keys, lab.GROUP, "contoso-mail") for _ in range(8)])
                return any(entry["status"] == 429 for entry in azure.log("listKeys"))

            lab.eventually(is_empty, "the bucket is empty")
        daemon = self.daemon(
            manager=azure.origin, ca_file=azure.ca_file, names=[NAME],
            policy=lab.Daemon.POLICY.replace("driftCheck: 1s", "driftCheck: 1h"))
        first = daemon.wait_published(NAME)
        daemon.rotate(NAME)
        daemon.wait_published(NAME, first)
        calls = [
            entry for entry in azure.log() if entry["operation"] in ("listKeys", "regenerateKey")
            and entry["resource"] == lab.resource_id(NAME)]
        for number, entry in enumerate(calls):
            if entry["status"] == 429:
                self.assertGreaterEqual(seconds(calls[number + 1]) - seconds(entry), 1 - 0.01)
        executed = [entry for entry in azure.log("regenerateKey") if entry["executed"]]
        self.assertEqual(len(executed), 1)
