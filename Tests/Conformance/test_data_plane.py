"""The data plane's SDKs, with keys and with tokens."""

import datetime
import uuid

from azure.communication.identity import CommunicationUserIdentifier
from azure.communication.phonenumbers import PhoneNumberCapabilities
from azure.communication.phonenumbers.siprouting import SipRoutingClient
from azure.communication.rooms import ParticipantRole, RoomParticipant
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError

import clients
import lab

NAME = "contoso-sms"


class DataPlane(lab.SharedCase):
    OPTIONS = ("--page-size", "2", "--operation-time", "100")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        keys = clients.manager(cls.azure).communication_services.list_keys(lab.GROUP, NAME)
        cls.keys = keys
        cls.credential = clients.secret_credential(cls.azure)

    def with_each_credential(self, service, **more):
        """The client with either key and with a token."""
        keys = (self.keys.primary_connection_string, self.keys.secondary_connection_string)
        return [clients.data_plane(self.azure, service, key, **more) for key in keys] + [
            clients.data_plane_with_token(self.azure, service, NAME, self.credential, **more)]

    def test_rooms(self):
        # As text: of its own default, a member of an enumeration, the client makes "ApiVersion.V2025_03_13" in the
        # requests for further pages (with Python 3.11 and later).
        for rooms in self.with_each_credential("rooms", api_version="2025-03-13"):
            until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=2)
            room = rooms.create_room(
                valid_until=until, pstn_dial_out_enabled=True, participants=[participant("a", ParticipantRole.PRESENTER)])
            self.assertAlmostEqual(seconds_until(room.valid_until), 2 * 86_400, delta=600)
            self.assertIs(room.pstn_dial_out_enabled, True)
            others = [rooms.create_room() for _ in range(2)]
            pages = [[found.id for found in page] for page in rooms.list_rooms().by_page()]
            self.assertEqual([len(page) for page in pages], [2, 1])
            self.assertEqual(sum(pages, []), [made.id for made in [room, *others]])
            rooms.update_room(room_id=room.id, pstn_dial_out_enabled=False)
            self.assertIs(rooms.get_room(room.id).pstn_dial_out_enabled, False)
            self.assertEqual(rooms.get_room(room.id).valid_until, room.valid_until)
            rooms.add_or_update_participants(
                room_id=room.id,
                participants=[participant("a", ParticipantRole.CONSUMER), participant("b"), participant("c")])
            found = {found.communication_identifier.raw_id: found.role for found in rooms.list_participants(room.id)}
            self.assertEqual(found, {user("a"): "Consumer", user("b"): "Attendee", user("c"): "Attendee"})
            rooms.remove_participants(room_id=room.id, participants=[participant("a"), participant("c")])
            self.assertEqual(
                [found.communication_identifier.raw_id for found in rooms.list_participants(room.id)], [user("b")])
            for made in [room, *others]:
                rooms.delete_room(made.id)
            with self.assertRaises(ResourceNotFoundError):
                rooms.get_room(room.id)
            self.assertEqual(list(rooms.list_rooms()), [])

    def test_rooms_that_make_no_sense(self):
        rooms = clients.data_plane(self.azure, "rooms", self.keys.primary_connection_string)
        yesterday = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)
        cases = [
            ("Invalid room ID length.", lambda: rooms.get_room("123-invalidId")),
            ("validUntil", lambda: rooms.create_room(valid_until=yesterday)),
            ("180 days", lambda: rooms.create_room(valid_until=yesterday + datetime.timedelta(days=200))),
            ("role", lambda: rooms.create_room(participants=[participant("a", "Boss")])),
        ]
        for words, call in cases:
            with self.subTest(words), self.assertRaises(HttpResponseError) as caught:
                call()
            self.assertEqual(caught.exception.status_code, 400)
            self.assertEqual(caught.exception.error.code, "BadRequest")
            self.assertIn(words, caught.exception.error.message)

    def test_identities(self):
        for client in self.with_each_credential("identity"):
            someone = client.create_user()
            self.assertTrue(someone.raw_id.startswith("8:acs:"))
            other, token = client.create_user_and_token(
                ["chat", "voip"], token_expires_in=datetime.timedelta(hours=2))
            self.assertNotEqual(someone.raw_id, other.raw_id)
            self.assertAlmostEqual(seconds_until(token.expires_on), 7200, delta=600)
            token = client.get_token(someone, ["chat"])
            self.assertAlmostEqual(seconds_until(token.expires_on), 86_400, delta=600)
            client.revoke_tokens(someone)
            client.delete_user(someone)
            with self.assertRaises(ResourceNotFoundError):
                client.get_token(someone, ["chat"])
            with self.assertRaises(HttpResponseError) as caught:
                client.get_token(other, ["everything"])
            self.assertEqual(caught.exception.status_code, 400)

    def test_sms(self):
        for client in self.with_each_credential("sms"):
            before = len(self.azure.messages("sms"))
            results = client.send(
                "+14255550123", ["+14255550124", "14255550125"], "Hello", enable_delivery_report=True, tag="greeting")
            self.assertEqual([result.successful for result in results], [True, False])
            self.assertEqual([result.http_status_code for result in results], [202, 400])
            self.assertEqual(results[1].error_message, "Invalid To phone number format.")
            sent = self.azure.messages("sms")[before:]
            self.assertEqual(
                [(m["from"], m["to"], m["text"], m["tag"], m["id"]) for m in sent],
                [("+14255550123", ["+14255550124"], "Hello", "greeting", results[0].message_id)])
            with self.assertRaises(HttpResponseError) as caught:
                client.send("+14255550123", "+14255550124", "")
            self.assertEqual(caught.exception.status_code, 400)

    def test_email(self):
        message = {
            "senderAddress": "donotreply@contoso.example",
            "content": {"subject": "Keys", "plainText": "They turn.", "html": "<p>They turn.</p>"},
            "recipients": {"to": [{"address": "ops@contoso.example", "displayName": "Ops"}],
                           "cc": [{"address": "dev@contoso.example"}]},
            "attachments": [{"name": "a.txt", "contentType": "text/plain", "contentInBase64": "YQ=="}],
        }
        for client in self.with_each_credential("email"):
            before = len(self.azure.messages("email"))
            poller = client.begin_send(message)
            result = poller.result()
            self.assertEqual(result["status"], "Succeeded")
            sent = self.azure.messages("email")[before:]
            self.assertEqual(
                [(m["from"], m["to"], m["subject"], m["id"]) for m in sent],
                [("donotreply@contoso.example", ["ops@contoso.example", "dev@contoso.example"], "Keys",
                  result["id"])])
            operation = str(uuid.uuid4())
            for _ in range(2):
                self.assertEqual(client.begin_send(message, operation_id=operation).result()["id"], operation)
            self.assertEqual(len(self.azure.messages("email")), before + 2)
            for name in ("senderAddress", "content", "recipients"):
                with self.assertRaises(HttpResponseError) as caught:
                    client.begin_send({key: value for key, value in message.items() if key != name})
                self.assertIn(name, caught.exception.error.message)

    def test_phone_numbers(self):
        quick = {"polling_interval": 0.2}
        for client in self.with_each_credential("phonenumbers"):
            countries = [country.country_code for country in client.list_available_countries()]
            self.assertEqual(countries, ["US", "GB"])
            found = client.begin_search_available_phone_numbers(
                "US", "tollFree", "application", PhoneNumberCapabilities(calling="inbound", sms="none"),
                quantity=3, **quick).result()
            self.assertEqual(len(found.phone_numbers), 3)
            self.assertEqual(list(client.list_purchased_phone_numbers()), [])
            client.begin_purchase_phone_numbers(found.search_id, **quick).result()
            bought = [number.phone_number for number in client.list_purchased_phone_numbers()]
            self.assertEqual(bought, found.phone_numbers)
            with self.assertRaises(HttpResponseError) as caught:
                client.begin_purchase_phone_numbers(found.search_id, **quick).result()
            self.assertEqual(caught.exception.status_code, 409)
            changed = client.begin_update_phone_number_capabilities(bought[0], sms="inbound+outbound", **quick).result()
            self.assertEqual(changed.phone_number, bought[0])
            self.assertEqual(client.get_purchased_phone_number(bought[0]).capabilities.sms, "inbound+outbound")
            self.assertEqual(client.get_purchased_phone_number(bought[0]).capabilities.calling, "inbound")
            self.assertEqual(client.get_purchased_phone_number(bought[1]).capabilities.sms, "none")
            for number in bought:
                client.begin_release_phone_number(number, **quick).result()
            self.assertEqual(list(client.list_purchased_phone_numbers()), [])
            with self.assertRaises(HttpResponseError):
                client.get_purchased_phone_number(bought[0])

    def test_more_numbers_than_there_are(self):
        client = clients.data_plane(self.azure, "phonenumbers", self.keys.primary_connection_string)
        capabilities = PhoneNumberCapabilities(calling="inbound", sms="none")
        first = client.begin_search_available_phone_numbers(
            "US", "geographic", "person", capabilities, area_code="206", quantity=60, polling_interval=0.2).result()
        with self.assertRaises(HttpResponseError):
            client.begin_search_available_phone_numbers(
                "US", "geographic", "person", capabilities, area_code="206", quantity=60, polling_interval=0.2).result()
        self.assertEqual(len(first.phone_numbers), 60)

    def test_a_key_of_another_resource_is_refused(self):
        theirs = clients.manager(self.azure).communication_services.list_keys(lab.GROUP, "contoso-mail")
        endpoint = self.azure.endpoints[NAME]
        for service in ("rooms", "identity", "sms", "email", "phonenumbers"):
            client = clients.data_plane(
                self.azure, service, f"endpoint={endpoint};accesskey={theirs.primary_key}")
            with self.subTest(service), self.assertRaises(ClientAuthenticationError) as caught:
                something(service, client)
            self.assertEqual(caught.exception.error.code, "Denied")

    def test_a_token_for_something_else_is_refused(self):
        class ForTheManager:
            def get_token(self, *_, **__):
                return DataPlane.credential.get_token(clients.SCOPE)

        for service in ("rooms", "identity", "sms", "email", "phonenumbers"):
            client = clients.data_plane_with_token(self.azure, service, NAME, ForTheManager())
            with self.subTest(service), self.assertRaises(ClientAuthenticationError):
                something(service, client)

    def test_a_clock_that_is_off(self):
        client = clients.data_plane(self.azure, "rooms", self.keys.primary_connection_string)
        for seconds in (400, -400):
            self.azure.faults(f"clockSkew={seconds},operation=dataPlane")
            with self.assertRaises(ClientAuthenticationError) as caught:
                list(client.list_rooms())
            self.assertIn("allowed margin of 5 minutes", caught.exception.error.message)

    def test_what_is_not_offered_is_said(self):
        key = self.keys.primary_connection_string
        numbers = clients.data_plane(self.azure, "phonenumbers", key)
        identities = clients.data_plane(self.azure, "identity", key)
        trunks = SipRoutingClient.from_connection_string(key, connection_verify=str(self.azure.ca_file))
        cases = {
            "area codes": lambda: list(numbers.list_available_area_codes("US", "tollFree")),
            "localities": lambda: list(numbers.list_available_localities("US")),
            "offerings": lambda: list(numbers.list_available_offerings("US")),
            "browsing": lambda: numbers.browse_available_phone_numbers(country_code="US", phone_number_type="tollFree"),
            "reservations": lambda: list(numbers.list_reservations()),
            "operator information": lambda: numbers.search_operator_information(["+14255550123"]),
            "Teams users": lambda: identities.get_token_for_teams_user("a.b.c", lab.CLIENT, lab.OBJECT),
            "SIP": lambda: list(trunks.list_trunks()),
        }
        for name, call in cases.items():
            with self.subTest(name), self.assertRaises(ResourceNotFoundError) as caught:
                call()
            self.assertEqual(caught.exception.error.code, "NotFound")
            self.assertIn("acs-emulator(1)", caught.exception.error.message)


def user(name):
    return f"8:acs:00000000-0000-0000-0000-000000000001_{name}"


def participant(name, role=ParticipantRole.ATTENDEE):
    return RoomParticipant(communication_identifier=CommunicationUserIdentifier(user(name)), role=role)


def seconds_until(time):
    return (datetime.datetime.fromisoformat(time) - datetime.datetime.now(datetime.timezone.utc)).total_seconds()


def something(service, client):
    """A call that would succeed."""
    if service == "rooms":
        return list(client.list_rooms())
    if service == "identity":
        return client.create_user()
    if service == "sms":
        return client.send("+14255550123", "+14255550124", "Hello")
    if service == "email":
        return client.begin_send({
            "senderAddress": "a@contoso.example", "content": {"subject": "s", "plainText": "t"},
            "recipients": {"to": [{"address": "b@contoso.example"}]}}).result()
    return list(client.list_purchased_phone_numbers())
