/// What the emulated data plane offers: everything else is refused with a message that says so.
enum DataPlaneOperation: CaseIterable, Sendable {
    case listRooms, createRoom, getRoom, updateRoom, deleteRoom, listParticipants, updateParticipants
    case createIdentity, deleteIdentity, revokeTokens, issueToken
    case sendSMS
    case sendEmail, getEmailOperation
    case listPhoneNumbers, getPhoneNumber, releasePhoneNumber, updateCapabilities
    case getPhoneNumberOperation, cancelPhoneNumberOperation
    case listCountries, searchPhoneNumbers, getSearchResult, purchasePhoneNumbers

    enum Service: Sendable {
        case rooms, identity, sms, email, phoneNumbers

        /// The api-versions of the services, newest last.
        var versions: [String] {
            switch self {
            case .rooms: ["2023-06-14", "2024-04-15", "2025-03-13"]
            case .identity: ["2021-03-07", "2022-06-01", "2022-10-01", "2023-10-01", "2025-06-30"]
            case .sms: ["2021-03-07"]
            case .email: ["2023-03-31", "2025-09-01"]
            case .phoneNumbers: ["2021-03-07", "2022-12-01", "2024-03-01", "2025-02-11", "2025-04-01", "2025-06-01"]
            }
        }
    }

    var service: Service {
        switch self {
        case .listRooms, .createRoom, .getRoom, .updateRoom, .deleteRoom, .listParticipants, .updateParticipants: .rooms
        case .createIdentity, .deleteIdentity, .revokeTokens, .issueToken: .identity
        case .sendSMS: .sms
        case .sendEmail, .getEmailOperation: .email
        case .listPhoneNumbers, .getPhoneNumber, .releasePhoneNumber, .updateCapabilities, .getPhoneNumberOperation,
            .cancelPhoneNumberOperation, .listCountries, .searchPhoneNumbers, .getSearchResult, .purchasePhoneNumbers:
            .phoneNumbers
        }
    }

    /// Method and path; `*` is a parameter.
    var template: (method: String, path: String) {
        switch self {
        case .listRooms: ("GET", "rooms")
        case .createRoom: ("POST", "rooms")
        case .getRoom: ("GET", "rooms/*")
        case .updateRoom: ("PATCH", "rooms/*")
        case .deleteRoom: ("DELETE", "rooms/*")
        case .listParticipants: ("GET", "rooms/*/participants")
        case .updateParticipants: ("PATCH", "rooms/*/participants")
        case .createIdentity: ("POST", "identities")
        case .deleteIdentity: ("DELETE", "identities/*")
        case .revokeTokens: ("POST", "identities/*/:revokeaccesstokens")
        case .issueToken: ("POST", "identities/*/:issueaccesstoken")
        case .sendSMS: ("POST", "sms")
        case .sendEmail: ("POST", "emails:send")
        case .getEmailOperation: ("GET", "emails/operations/*")
        case .listPhoneNumbers: ("GET", "phonenumbers")
        case .getPhoneNumber: ("GET", "phonenumbers/*")
        case .releasePhoneNumber: ("DELETE", "phonenumbers/*")
        case .updateCapabilities: ("PATCH", "phonenumbers/*/capabilities")
        case .getPhoneNumberOperation: ("GET", "phonenumbers/operations/*")
        case .cancelPhoneNumberOperation: ("DELETE", "phonenumbers/operations/*")
        case .listCountries: ("GET", "availablephonenumbers/countries")
        case .searchPhoneNumbers: ("POST", "availablephonenumbers/countries/*/:search")
        case .getSearchResult: ("GET", "availablephonenumbers/searchresults/*")
        case .purchasePhoneNumbers: ("POST", "availablephonenumbers/:purchase")
        }
    }

    /// Those whose path this is, whatever their methods.
    static func at(_ segments: [String]) -> [DataPlaneOperation] {
        allCases.filter { operation in
            let parts = operation.template.path.split(separator: "/")
            return parts.count == segments.count
                && zip(parts, segments).allSatisfy { $0 == "*" || $0 == $1.lowercased() }
        }
    }
}
