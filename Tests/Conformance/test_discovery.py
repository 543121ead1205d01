"""Resources that come and go through the SDK: `keyturn discover` lists what the SDK does, and the daemon keeps up."""

import json

import clients
import lab

ELSEWHERE = "00000000-0000-4000-8000-000000000002"


class Discovery(lab.Case):
    def setUp(self):
        super().setUp()
        names = ["contoso-sms", "contoso-mail", "contoso-chat"]
        others = [f"{lab.SUBSCRIPTION}/elsewhere/contoso-voice", f"{ELSEWHERE}/{lab.GROUP}/contoso-fax"]
        self.azure = self.emulator("--page-size", "2", names=names + others)
        self.services = self.sdk(lab.SUBSCRIPTION)
        self.place = {"manager": self.azure.origin, "ca_file": self.azure.ca_file}

    def sdk(self, subscription):
        return clients.manager(self.azure, subscription=subscription, polling_interval=1).communication_services

    def make(self, name, tags):
        resource = {"location": "global", "tags": tags, "properties": {"dataLocation": "Europe"}}
        return self.services.begin_create_or_update(lab.GROUP, name, resource).result()

    def test_the_command_finds_what_the_sdk_lists(self):
        self.make("contoso-new", {"Rotate": "yes", "stage": "test"})
        self.services.update(lab.GROUP, "contoso-chat", {"properties": {"disableLocalAuth": True}})
        keyturn = self.keyturn(**self.place, names=["contoso-sms"])

        def found(*arguments):
            entries = json.loads(keyturn.command("discover", "--format", "json", *arguments))
            self.assertEqual(len({entry["name"] for entry in entries}), len(entries))
            fields = ("id", "location", "hostName", "provisioningState", "disableLocalAuth", "tags")
            return sorted(({field: entry[field] for field in fields} for entry in entries), key=lambda it: it["id"])

        def listed(*lists):
            resources = [resource for each in lists for resource in each]
            return sorted(({
                "id": resource.id, "location": resource.location, "hostName": resource.properties.host_name,
                "provisioningState": resource.properties.provisioning_state,
                "disableLocalAuth": resource.properties.disable_local_auth, "tags": resource.tags or {},
            } for resource in resources), key=lambda it: it["id"])

        mine, theirs = self.services.list_by_subscription, self.sdk(ELSEWHERE).list_by_subscription
        self.assertEqual([len(listed(mine())), len(listed(theirs()))], [5, 1])
        self.assertEqual(found(), listed(mine(), theirs()))
        self.assertEqual(found("--subscription", lab.SUBSCRIPTION), listed(mine()))
        self.assertEqual(found("--subscription", ELSEWHERE), listed(theirs()))
        for group in (lab.GROUP, "elsewhere"):
            self.assertEqual(
                found("--subscription", lab.SUBSCRIPTION, "--resource-group", group),
                listed(self.services.list_by_resource_group(group)))
        tagged = [resource for resource in mine() if (resource.tags or {}).get("Rotate") == "yes"]
        self.assertEqual(found("--tag", "rotate=yes"), listed(tagged))
        self.assertEqual(len(tagged), 1)

    def test_the_daemon_takes_up_what_is_made_and_lets_go_what_is_deleted(self):
        rule = "{subscription: %s, resourceGroup: %s, tags: {rotate: 'yes'}, policy: only, interval: 1min}"
        self.make("contoso-first", {"rotate": "yes"})
        daemon = self.daemon(**self.place, rules=[rule % (lab.SUBSCRIPTION, lab.GROUP)])
        daemon.wait_published("contoso-first")
        # The others lack the tag.
        self.assertEqual(daemon.statuses().keys(), {"contoso-first"})

        # By itself, a minute later at most.
        self.make("contoso-new", {"Rotate": "yes"})
        published = daemon.wait_published("contoso-new")
        keys = self.services.list_keys(lab.GROUP, "contoso-new")
        self.assertIn(published, (keys.primary_connection_string, keys.secondary_connection_string))
        daemon.rotate("contoso-new")
        rotated = daemon.wait_published("contoso-new", published)
        sms = clients.data_plane(self.azure, "sms", rotated)
        self.assertTrue(sms.send("+14255550123", "+14255550124", "Hello")[0].successful)

        self.services.begin_delete(lab.GROUP, "contoso-new").result()
        self.services.update(lab.GROUP, "contoso-first", {"tags": {"rotate": "no"}})
        # At once.
        daemon.command("reload")
        lab.eventually(
            lambda: not daemon.statuses(), lambda: f"both are let go\n{daemon.process.log_text[-4000:]}")
        log = daemon.process.log_text
        self.assertIn("contoso-new  resource is not in Azure any more", log)
        self.assertIn("contoso-first  no discover rule covers the resource any more", log)
        self.assertEqual(daemon.published("contoso-new"), rotated, "without prune, its file stays")

        made = self.make("contoso-new", {"rotate": "yes"})
        daemon.command("reload")
        again = daemon.wait_published("contoso-new", rotated)
        self.assertIn(made.properties.host_name, again)
        self.assertEqual(daemon.stop(), 0)
