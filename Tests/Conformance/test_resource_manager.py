"""azure-mgmt-communication: every operation on communication services that the emulator claims."""


from azure.core.exceptions import (
    ClientAuthenticationError, HttpResponseError, ResourceExistsError, ResourceNotFoundError)
from azure.mgmt.communication.models import (
    CommunicationServiceResource, CommunicationServiceResourceUpdate, NameAvailabilityParameters,
    RegenerateKeyParameters)

import clients
import lab


class ResourceManager(lab.SharedCase):
    OPTIONS = ("--page-size", "2", "--resource", f"{lab.SUBSCRIPTION}/elsewhere/contoso-voice")
    NAMES = ("contoso-sms", "contoso-mail", "contoso-chat")

    def setUp(self):
        self.services = clients.manager(self.azure, polling_interval=1).communication_services

    def test_get(self):
        found = self.services.get(lab.GROUP, "contoso-sms")
        self.assertEqual(found.id, lab.resource_id("contoso-sms"))
        self.assertEqual(found.name, "contoso-sms")
        self.assertEqual(found.location, "global")
        self.assertEqual(found.properties.data_location, "United States")
        self.assertEqual(found.properties.provisioning_state, "Succeeded")
        self.assertIs(found.properties.disable_local_auth, False)
        self.assertEqual(f"https://{found.properties.host_name}/", self.azure.endpoints["contoso-sms"])
        self.assertTrue(found.properties.immutable_resource_id)
        self.assertIsNotNone(found.system_data.created_at)

    def test_lists_have_all_pages(self):
        pages = list(self.services.list_by_subscription().by_page())
        names = [[resource.name for resource in page] for page in pages]
        self.assertEqual(names, [["contoso-sms", "contoso-mail"], ["contoso-chat", "contoso-voice"]])
        group = [resource.name for resource in self.services.list_by_resource_group(lab.GROUP)]
        self.assertEqual(group, ["contoso-sms", "contoso-mail", "contoso-chat"])
        self.assertEqual([r.name for r in self.services.list_by_resource_group("elsewhere")], ["contoso-voice"])

    def test_keys(self):
        keys = self.services.list_keys(lab.GROUP, "contoso-mail")
        endpoint = self.azure.endpoints["contoso-mail"]
        self.assertEqual(keys.primary_connection_string, f"endpoint={endpoint};accesskey={keys.primary_key}")
        self.assertEqual(keys.secondary_connection_string, f"endpoint={endpoint};accesskey={keys.secondary_key}")
        self.assertNotEqual(keys.primary_key, keys.secondary_key)
        for key_type, mine, other in (("Primary", "primary", "secondary"), ("Secondary", "secondary", "primary")):
            before = self.services.list_keys(lab.GROUP, "contoso-mail")
            changed = self.services.regenerate_key(
                lab.GROUP, "contoso-mail", RegenerateKeyParameters(key_type=key_type))
            after = self.services.list_keys(lab.GROUP, "contoso-mail")
            self.assertEqual(getattr(changed, f"{mine}_key"), getattr(after, f"{mine}_key"))
            self.assertIsNone(getattr(changed, f"{other}_key"))
            self.assertIsNone(getattr(changed, f"{other}_connection_string"))
            self.assertNotEqual(getattr(before, f"{mine}_key"), getattr(after, f"{mine}_key"))
            self.assertEqual(getattr(before, f"{other}_key"), getattr(after, f"{other}_key"))

    def test_life_of_a_resource(self):
        services = self.services
        name = "contoso-new"
        availability = NameAvailabilityParameters(name=name, type="Microsoft.Communication/CommunicationServices")
        self.assertTrue(services.check_name_availability(availability).name_available)
        made = services.begin_create_or_update(
            lab.GROUP, name, CommunicationServiceResource(
                location="global", tags={"stage": "test"}, properties={"dataLocation": "europe"})).result()
        self.assertEqual(made.properties.provisioning_state, "Succeeded")
        self.assertEqual(made.properties.data_location, "Europe")
        taken = services.check_name_availability(availability)
        self.assertFalse(taken.name_available)
        self.assertEqual(taken.reason, "AlreadyExists")
        self.assertIn(name, [resource.name for resource in services.list_by_resource_group(lab.GROUP)])
        changed = services.update(
            lab.GROUP, name, CommunicationServiceResourceUpdate(
                tags={"stage": "live"}, properties={"disableLocalAuth": True}))
        self.assertEqual(changed.tags, {"stage": "live"})
        self.assertIs(services.get(lab.GROUP, name).properties.disable_local_auth, True)
        keys = services.list_keys(lab.GROUP, name)
        rooms = clients.data_plane(self.azure, "rooms", keys.primary_connection_string)
        with self.assertRaises(ClientAuthenticationError):
            list(rooms.list_rooms())
        services.update(lab.GROUP, name, {"properties": {"disableLocalAuth": False}})
        self.assertEqual(list(rooms.list_rooms()), [])
        same = services.begin_create_or_update(
            lab.GROUP, name, {"location": "global", "properties": {"dataLocation": "Europe"}}).result()
        self.assertEqual(same.tags, {})
        self.assertEqual(services.list_keys(lab.GROUP, name).primary_key, keys.primary_key)
        services.begin_delete(lab.GROUP, name).result()
        with self.assertRaises(ResourceNotFoundError):
            services.get(lab.GROUP, name)
        services.begin_delete(lab.GROUP, name).result()
        with self.assertRaises(ResourceNotFoundError):
            list(rooms.list_rooms())

    def test_refusals(self):
        services = self.services
        cases = [
            ("ResourceNotFound", ResourceNotFoundError, lambda: services.get(lab.GROUP, "nobody")),
            ("ResourceGroupNotFound", ResourceNotFoundError,
             lambda: list(services.list_by_resource_group("nowhere"))),
            ("BadRequest", HttpResponseError,
             lambda: services.regenerate_key(lab.GROUP, "contoso-sms", {"keyType": "primary"})),
            ("BadRequest", HttpResponseError,
             lambda: services.begin_create_or_update(lab.GROUP, "x", {"location": "global"})),
            ("LocationRequired", HttpResponseError,
             lambda: services.begin_create_or_update(lab.GROUP, "x", {"properties": {"dataLocation": "UK"}})),
            ("NameNotAvailable", ResourceExistsError,
             lambda: services.begin_create_or_update(
                 lab.GROUP, "contoso-voice", {"location": "global", "properties": {"dataLocation": "UK"}})),
        ]
        for code, kind, call in cases:
            with self.subTest(code), self.assertRaises(kind) as caught:
                call()
            self.assertEqual(caught.exception.error.code, code)

    def test_a_lock_and_a_missing_role(self):
        cases = [("scopeLocked", ResourceExistsError, 409), ("forbidden,operation=listKeys", HttpResponseError, 403)]
        for fault, kind, status in cases:
            self.azure.faults(fault)
            with self.subTest(fault), self.assertRaises(kind) as caught:
                self.services.list_keys(lab.GROUP, "contoso-sms")
            self.assertEqual(caught.exception.status_code, status)

    def test_a_claims_challenge_is_met(self):
        self.azure.faults("claimsChallenge")
        credential = clients.secret_credential(self.azure)
        keys = clients.manager(self.azure, credential).communication_services.list_keys(lab.GROUP, "contoso-sms")
        self.assertTrue(keys.primary_key)

    def test_what_is_not_offered_is_said(self):
        client = clients.manager(self.azure)
        cases = {
            "notification hubs": lambda: self.services.link_notification_hub(
                lab.GROUP, "contoso-sms", {"resourceId": "x", "connectionString": "y"}),
            "email services": lambda: list(client.email_services.list_by_resource_group(lab.GROUP)),
            "domains": lambda: client.domains.get(lab.GROUP, "mail", "contoso.example"),
            "SMTP user names": lambda: list(client.smtp_usernames.list(lab.GROUP, "contoso-sms")),
            "operations": lambda: list(client.operations.list()),
        }
        for name, call in cases.items():
            with self.subTest(name), self.assertRaises(ResourceNotFoundError) as caught:
                call()
            self.assertIn("acs-emulator(1)", str(caught.exception))

    def test_nothing_is_forgotten(self):
        """Every operation that the SDK has on communication services is tried above."""
        offered = {name for name in dir(self.services) if not name.startswith("_")} - {"models"}
        self.assertEqual(offered, {
            "begin_create_or_update", "begin_delete", "check_name_availability", "get", "link_notification_hub",
            "list_by_resource_group", "list_by_subscription", "list_keys", "regenerate_key", "update"})
