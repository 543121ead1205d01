"""The SDKs' clients, pointed at an emulator."""

from azure.communication.email import EmailClient
from azure.communication.identity import CommunicationIdentityClient
from azure.communication.phonenumbers import PhoneNumbersClient
from azure.communication.rooms import RoomsClient
from azure.communication.sms import SmsClient
from azure.core.pipeline.policies import RetryPolicy
from azure.identity import ClientSecretCredential
from azure.mgmt.communication import CommunicationServiceManagementClient

import lab

SCOPE = "https://management.azure.com/.default"
DATA_PLANE = {
    "email": EmailClient,
    "identity": CommunicationIdentityClient,
    "phonenumbers": PhoneNumbersClient,
    "rooms": RoomsClient,
    "sms": SmsClient,
}


def trusting(emulator, **more):
    return {"connection_verify": str(emulator.ca_file), "authority": emulator.origin,
            "disable_instance_discovery": True, **more}


def secret_credential(emulator, **more):
    return ClientSecretCredential(lab.TENANT, lab.CLIENT, emulator.secret, **trusting(emulator, **more))


def manager(emulator, credential=None, subscription=lab.SUBSCRIPTION, **more):
    return CommunicationServiceManagementClient(
        credential or secret_credential(emulator), subscription, base_url=emulator.origin,
        credential_scopes=[SCOPE], connection_verify=str(emulator.ca_file), **more)


def without_retries():
    return {"retry_policy": RetryPolicy.no_retries()}


def data_plane(emulator, service, connection_string, **more):
    return DATA_PLANE[service].from_connection_string(
        connection_string, connection_verify=str(emulator.ca_file), **more)


def data_plane_with_token(emulator, service, name, credential=None, **more):
    return DATA_PLANE[service](
        emulator.endpoints[name].rstrip("/"), credential or secret_credential(emulator),
        connection_verify=str(emulator.ca_file), **more)
