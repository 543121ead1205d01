import FoundationEssentials

extension EmulatorModel {
    /// Users and their tokens: REST reference "Communication Identity".
    mutating func identities(_ call: DataPlaneCall) throws(Refused) -> Reply {
        if call.operation == .createIdentity { return try createIdentity(call) }
        let id = call.segment(1)
        guard dataPlanes[call.resource]?.identities.contains(id) == true else {
            throw Refused(404, "IdentityNotFound", "There is no identity '\(id)' in this resource.")
        }
        switch call.operation {
        case .deleteIdentity:
            dataPlanes[call.resource]?.identities.remove(id)
            return .answer(Reply.Answer(status: 204))
        case .revokeTokens:
            // Chat and calls, which would take the tokens, are not emulated: there is nobody to refuse them.
            return .answer(Reply.Answer(status: 204))
        default:
            let body = try call.call.decode(TokenRequest.self)
            return .json(200, try issue(id, body.scopes ?? [], body.expiresInMinutes, call))
        }
    }

    private mutating func createIdentity(_ call: DataPlaneCall) throws(Refused) -> Reply {
        let body = call.call.body.isEmpty ? IdentityRequest() : try call.call.decode(IdentityRequest.self)
        let id = "8:acs:\(resources.resources[call.resource].immutableID)_\(UUID().uuidString.lowercased())"
        var token: UserTokenBody?
        if let scopes = body.createTokenWithScopes, !scopes.isEmpty {
            token = try issue(id, scopes, body.expiresInMinutes, call)
        } else {
            try Self.check(minutes: body.expiresInMinutes ?? Self.aDay)
        }
        dataPlanes[call.resource, default: DataPlaneStore()].identities.insert(id)
        return .json(201, IdentityBody(identity: .init(id: id), accessToken: token))
    }

    private static let aDay = 1440
    private static let scopes = ["chat", "voip", "chat.join", "chat.join.limited", "voip.join"]

    private static func check(minutes: Int) throws(Refused) {
        guard (60...aDay).contains(minutes) else {
            throw Refused(400, "BadRequest", "expiresInMinutes must be from 60 to 1440.")
        }
    }

    private mutating func issue(
        _ id: String, _ scopes: [String], _ minutes: Int?, _ call: DataPlaneCall
    ) throws(Refused) -> UserTokenBody {
        guard !scopes.isEmpty, scopes.allSatisfy({ Self.scopes.contains($0) }) else {
            throw Refused(
                400, "BadRequest", "The scopes of a token are one or more of \(Self.scopes.joined(separator: ", ")).")
        }
        let minutes = minutes ?? Self.aDay
        try Self.check(minutes: minutes)
        let token = tokens.issueUserToken(identity: id, scopes: scopes, now: call.now, lifetime: minutes * 60)
        return UserTokenBody(token: token, expiresOn: call.time(call.now.addingTimeInterval(Double(minutes * 60))))
    }
}

private struct IdentityRequest: Decodable {
    var createTokenWithScopes: [String]?
    var expiresInMinutes: Int?
}

private struct TokenRequest: Decodable {
    let scopes: [String]?
    let expiresInMinutes: Int?
}

private struct UserTokenBody: Encodable {
    let token: String
    let expiresOn: String
}

private struct IdentityBody: Encodable {
    struct Identity: Encodable {
        let id: String
    }

    let identity: Identity
    let accessToken: UserTokenBody?
}
